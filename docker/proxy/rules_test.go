package main

import (
	"encoding/json"
	"strings"
	"testing"
)

var testRules = rules{settings{
	images: []string{"senmeteo:local"}, networks: []string{"senmeteo"}, folders: []string{"/srv/secrets"}, volumes: []string{"senmeteo-state", "/srv/state"},
}}

// job is what Airflow's DockerOperator sends for a job, empty members included.
const job = `{
	"Hostname": null, "Domainname": null, "ExposedPorts": {}, "User": "65532:65532", "Tty": false, "OpenStdin": false, "StdinOnce": false,
	"AttachStdin": false, "AttachStdout": true, "AttachStderr": true, "Env": ["SENMETEO_LOG_TO=stdout"], "Cmd": ["stream"], "Image": "senmeteo:local",
	"Volumes": null, "NetworkDisabled": false, "Entrypoint": null, "WorkingDir": null, "MacAddress": null, "Labels": {"senmeteo.task_id": "stream"},
	"StopSignal": null, "Healthcheck": null, "StopTimeout": null, "Runtime": null, "NetworkingConfig": null,
	"HostConfig": {
		"NetworkMode": "senmeteo", "Memory": 536870912, "CpuShares": 1024, "PidsLimit": 512, "ReadonlyRootfs": true, "Privileged": false,
		"CapDrop": ["ALL"], "SecurityOpt": ["no-new-privileges"], "Tmpfs": {"/tmp": "size=256m"}, "PortBindings": {}, "Binds": null,
		"LogConfig": {"Type": "", "Config": {"max-size": "20m"}}, "RestartPolicy": {"Name": "no", "MaximumRetryCount": 0}, "MaskedPaths": [],
		"Mounts": [
			{"Type": "bind", "Source": "/srv/secrets/pg-url", "Target": "/run/secrets/pg-url", "ReadOnly": true},
			{"Type": "volume", "Source": "senmeteo-state", "Target": "/state", "ReadOnly": false}
		]
	}
}`

func TestAJobIsLetThroughWithALabelAndWithoutEmptyMembers(t *testing.T) {
	t.Parallel()
	body, err := testRules.confine([]byte(job))
	if err != nil {
		t.Fatal(err)
	}
	var got object
	if err := json.Unmarshal(body, &got); err != nil {
		t.Fatal(err)
	}
	labels, host := got["Labels"].(object), got["HostConfig"].(object)
	if labels[ours] != "1" || labels["senmeteo.task_id"] != "stream" {
		t.Errorf("labels are %v", labels)
	}
	if host["NetworkMode"] != "senmeteo" || host["Memory"] != 536870912.0 || len(host["Mounts"].([]any)) != 2 {
		t.Errorf("what was allowed is changed: %v", host)
	}
	for _, name := range []string{"MaskedPaths", "Binds", "Privileged"} {
		if _, ok := host[name]; ok {
			t.Errorf("%s goes to the engine, which may understand an empty one in its own way", name)
		}
	}
}

func TestWhatWouldGiveAJobMoreThanItNeedsIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, from, to, why string }{
		{"another image", `"Image": "senmeteo:local"`, `"Image": "debian"`, "Image"},
		{"no image", `"Image": "senmeteo:local",`, ``, "Image must be set"},
		{"root", `"65532:65532"`, `"0"`, "User"},
		{"root, written long", `"65532:65532"`, `"00:5"`, "User"},
		{"root by name", `"65532:65532"`, `"root"`, "User"},
		{"a program of the image's other than its own", `"Entrypoint": null`, `"Entrypoint": ["/bin/sh"]`, "Entrypoint"},
		{"privileged", `"Privileged": false`, `"Privileged": true`, "Privileged"},
		{"privileged, in another case", `"Privileged": false`, `"privileged": true`, "privileged"},
		{"the host's network", `"NetworkMode": "senmeteo"`, `"NetworkMode": "host"`, "NetworkMode"},
		{"another container's network", `"NetworkMode": "senmeteo"`, `"NetworkMode": "container:kafka"`, "NetworkMode"},
		{"a second network", `"NetworkingConfig": null`, `"NetworkingConfig": {"EndpointsConfig": {"engine": {"Aliases": ["x"]}}}`, "NetworkingConfig"},
		{"the host's processes", `"PortBindings": {}`, `"PidMode": "host"`, "PidMode"},
		{"the host's shared memory", `"PortBindings": {}`, `"IpcMode": "host"`, "IpcMode"},
		{"the host's names", `"PortBindings": {}`, `"UTSMode": "host"`, "UTSMode"},
		{"the host's users", `"PortBindings": {}`, `"UsernsMode": "host"`, "UsernsMode"},
		{"the host's control groups", `"PortBindings": {}`, `"CgroupnsMode": "host"`, "CgroupnsMode"},
		{"a parent group", `"PortBindings": {}`, `"CgroupParent": "/"`, "CgroupParent"},
		{"a device", `"PortBindings": {}`, `"Devices": [{"PathOnHost": "/dev/vda"}]`, "Devices"},
		{"a device's rule", `"PortBindings": {}`, `"DeviceCgroupRules": ["a *:* rwm"]`, "DeviceCgroupRules"},
		{"a capability", `"PortBindings": {}`, `"CapAdd": ["SYS_ADMIN"]`, "CapAdd"},
		{"capabilities kept", `["ALL"]`, `["CHOWN"]`, "CapDrop"},
		{"capabilities not mentioned", `"CapDrop": ["ALL"],`, ``, "CapDrop must be set"},
		{"no filter of system calls", `["no-new-privileges"]`, `["no-new-privileges", "seccomp=unconfined"]`, "SecurityOpt"},
		{"new privileges", `["no-new-privileges"]`, `[]`, "SecurityOpt must be set"},
		{"a root that can be written", `"ReadonlyRootfs": true`, `"ReadonlyRootfs": false`, "ReadonlyRootfs must be set"},
		{"no limit of memory", `"Memory": 536870912`, `"Memory": 0`, "Memory must be set"},
		{"a limit of memory that is none", `"Memory": 536870912`, `"Memory": -1`, "Memory"},
		{"a container that comes back", `"Name": "no"`, `"Name": "always"`, "RestartPolicy"},
		{"logs sent elsewhere", `"Type": ""`, `"Type": "syslog"`, "LogConfig"},
		{"a published port", `"PortBindings": {}`, `"PortBindings": {"80/tcp": [{"HostPort": "80"}]}`, "PortBindings"},
		{"the kernel's settings", `"PortBindings": {}`, `"Sysctls": {"net.ipv4.ip_forward": "1"}`, "Sysctls"},
		{"another runtime", `"PortBindings": {}`, `"Runtime": "other"`, "Runtime"},
		{"a bind of the old kind", `"Binds": null`, `"Binds": ["/:/host"]`, "Binds"},
		{"others' volumes", `"PortBindings": {}`, `"VolumesFrom": ["kafka"]`, "VolumesFrom"},
		{"the root of the host", `"/srv/secrets/pg-url"`, `"/"`, "Mounts"},
		{"a folder out of a folder", `"/srv/secrets/pg-url"`, `"/srv/secrets/../../etc"`, "Mounts"},
		{"a folder that begins alike", `"/srv/secrets/pg-url"`, `"/srv/secrets-of-others"`, "Mounts"},
		{"a secret that can be written", `"ReadOnly": true`, `"ReadOnly": false`, "Mounts"},
		{"another volume", `"Source": "senmeteo-state"`, `"Source": "kafka-data"`, "Mounts"},
		{"a volume's name as a folder", `"volume", "Source": "senmeteo-state"`, `"bind", "Source": "senmeteo-state"`, "Mounts"},
		{"a volume that is a folder of the host", `"ReadOnly": false`, `"VolumeOptions": {"DriverConfig": {"Options": {"device": "/"}}}`, "VolumeOptions"},
		{"a mount that spreads", `"ReadOnly": true`, `"ReadOnly": true, "BindOptions": {"Propagation": "rshared"}`, "BindOptions"},
		{"memory over everything", `"/tmp": "size`, `"/": "size`, "Tmpfs"},
		{"no host config", `"HostConfig": {`, `"Other": {`, "may not be set"},
		{"no JSON", `"Image"`, `Image`, "reading"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			body := strings.Replace(job, c.from, c.to, 1)
			if body == job {
				t.Fatal("the test changes nothing")
			}
			out, err := testRules.confine([]byte(body))
			if err == nil || !strings.Contains(err.Error(), c.why) {
				t.Errorf("the error is %v, want it to say %q; to the engine goes %s", err, c.why, out)
			}
		})
	}
}

func TestAMemberWrittenTwiceGoesToTheEngineAsItWasChecked(t *testing.T) {
	t.Parallel()
	twice := strings.Replace(job, `"HostConfig": {`, `"HostConfig": {"Privileged": true}, "HostConfig": {`, 1)
	body, err := testRules.confine([]byte(twice))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(body), "Privileged") {
		t.Errorf("to the engine goes %s", body)
	}
}

func TestAFolderOfTheHostMayBeWrittenToOnlyWhenItIsNamedAsAVolume(t *testing.T) {
	t.Parallel()
	const volume = `{"Type": "volume", "Source": "senmeteo-state"`
	if _, err := testRules.confine([]byte(strings.Replace(job, volume, `{"Type": "bind", "Source": "/srv/state"`, 1))); err != nil {
		t.Error(err)
	}
	if _, err := testRules.confine([]byte(strings.Replace(job, volume, `{"Type": "bind", "Source": "/srv/state/sub"`, 1))); err == nil {
		t.Error("a folder below it is allowed too")
	}
}

func FuzzWhatIsLetThroughIsConfined(f *testing.F) {
	// Short ones: the fuzzer shortens what it finds, which takes it a minute for a whole job.
	const needed = `"NetworkMode":"senmeteo","CapDrop":["ALL"],"SecurityOpt":["no-new-privileges"],"ReadonlyRootfs":true,"Memory":1,"PidsLimit":1`
	f.Add([]byte(`{"Image":"senmeteo:local","HostConfig":{` + needed + `}}`))
	f.Add([]byte(`{"Image":"senmeteo:local","HostConfig":{` + needed + `,"Mounts":[{"Type":"volume","Source":"senmeteo-state","Target":"/s"}]}}`))
	f.Add([]byte(`{"Image":"senmeteo:local","Labels":{"a":"b"}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, err := testRules.confine(body)
		if err != nil {
			return
		}
		again, err := testRules.confine(out)
		if err != nil || string(again) != string(out) {
			t.Errorf("checked twice, %s becomes %s (%v)", out, again, err)
		}
	})
}
