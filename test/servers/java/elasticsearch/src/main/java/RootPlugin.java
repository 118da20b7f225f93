import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.elasticsearch.Build;
import org.elasticsearch.client.internal.node.NodeClient;
import org.elasticsearch.cluster.metadata.IndexNameExpressionResolver;
import org.elasticsearch.cluster.node.DiscoveryNodes;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.common.io.stream.NamedWriteableRegistry;
import org.elasticsearch.common.settings.ClusterSettings;
import org.elasticsearch.common.settings.IndexScopedSettings;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.common.settings.SettingsFilter;
import org.elasticsearch.features.NodeFeature;
import org.elasticsearch.index.IndexVersion;
import org.elasticsearch.plugins.ActionPlugin;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.rest.BaseRestHandler;
import org.elasticsearch.rest.RestController;
import org.elasticsearch.rest.RestHandler;
import org.elasticsearch.rest.RestRequest;
import org.elasticsearch.rest.RestRequest.Method;
import org.elasticsearch.rest.RestResponse;
import org.elasticsearch.rest.RestStatus;
import org.elasticsearch.xcontent.XContentBuilder;

/**
 * Answers what clients ask every Elasticsearch first, as its modules rest-root and x-pack do, which are in no package
 * registry: GET / describes the node, GET /_license the free licence.
 */
public final class RootPlugin extends Plugin implements ActionPlugin {
    private ClusterService cluster;

    @Override
    public Collection<?> createComponents(PluginServices services) {
        cluster = services.clusterService();
        return List.of();
    }

    @Override
    public Collection<RestHandler> getRestHandlers(
        Settings settings,
        NamedWriteableRegistry registry,
        RestController controller,
        ClusterSettings clusterSettings,
        IndexScopedSettings indexSettings,
        SettingsFilter filter,
        IndexNameExpressionResolver resolver,
        Supplier<DiscoveryNodes> nodes,
        Predicate<NodeFeature> features
    ) {
        return List.of(new Answer("root", "/", this::describeNode), new Answer("license", "/_license", this::describeLicense));
    }

    private void describeNode(XContentBuilder json) throws IOException {
        Build build = Build.current();
        json.field("name", cluster.getNodeName());
        json.field("cluster_name", cluster.getClusterName().value());
        json.field("cluster_uuid", cluster.state().metadata().clusterUUID());
        json.startObject("version");
        json.field("number", build.qualifiedVersion());
        json.field("build_flavor", build.flavor());
        json.field("build_type", build.type().displayName());
        json.field("build_hash", build.hash());
        json.field("build_date", build.date());
        json.field("build_snapshot", build.isSnapshot());
        json.field("lucene_version", IndexVersion.current().luceneVersion().toString());
        json.field("minimum_wire_compatibility_version", build.minWireCompatVersion());
        json.field("minimum_index_compatibility_version", build.minIndexCompatVersion());
        json.endObject();
        json.field("tagline", "You Know, for Search");
    }

    private void describeLicense(XContentBuilder json) throws IOException {
        json.startObject("license");
        json.field("status", "active");
        json.field("uid", cluster.state().metadata().clusterUUID());
        json.field("type", "basic");
        json.field("issued_to", cluster.getClusterName().value());
        json.field("issuer", "elasticsearch");
        json.field("max_nodes", 1000);
        json.field("start_date_in_millis", -1);
        json.endObject();
    }

    /** Writes the fields of an answer. */
    private interface Fields {
        void write(XContentBuilder json) throws IOException;
    }

    /** Answers GET and HEAD of one path with an object. */
    private static final class Answer extends BaseRestHandler {
        private final String name;
        private final String path;
        private final Fields fields;

        Answer(String name, String path, Fields fields) {
            this.name = name;
            this.path = path;
            this.fields = fields;
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public List<Route> routes() {
            return List.of(new Route(Method.GET, path), new Route(Method.HEAD, path));
        }

        @Override
        protected RestChannelConsumer prepareRequest(RestRequest request, NodeClient client) {
            return channel -> {
                XContentBuilder json = channel.newBuilder().startObject();
                fields.write(json);
                channel.sendResponse(new RestResponse(RestStatus.OK, json.endObject()));
            };
        }
    }
}
