// Package elk carries what Elasticsearch and Kibana need to know of the data.
package elk

import "embed"

// Templates are the index templates: templates/NAME.json becomes the template meteo-NAME. They are bodies of PUT
// _index_template/meteo-NAME, so that curl alone can apply them as well; the job does it by itself. Whoever changes one raises its
// version; fields may be added, never changed. logs.json is not of the job: it becomes logs-senmeteo, the template of the data stream
// that Filebeat writes to, by docker/elasticsearch/init.
//
//go:embed templates/*.json
var Templates embed.FS
