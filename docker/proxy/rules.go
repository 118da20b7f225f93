package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// rules decide about the description of a container. What they do not know is refused unless it is empty.
type rules struct{ settings }

// object is a JSON object.
type object = map[string]any

// rule checks a value; what it returns goes to the engine in its place.
type rule func(value any) (any, error)

// confine checks the body of a request to create a container and returns the body that goes to the engine: encoded again from what
// was checked, since two readers of JSON may differ about names written twice or in another case.
func (r rules) confine(body []byte) ([]byte, error) {
	var container object
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&container); err != nil {
		return nil, fmt.Errorf("reading the container's description: %w", err)
	}
	out, err := check("", container, map[string]rule{
		"Image": oneOf(r.images), "User": user, "HostConfig": r.hostConfig, "Labels": texts,
		"Cmd": list, "Env": list, "WorkingDir": text, "Hostname": text, "StopSignal": text, "StopTimeout": number,
		"Tty": flag, "OpenStdin": flag, "StdinOnce": flag, "AttachStdin": flag, "AttachStdout": flag, "AttachStderr": flag,
	}, "Image", "HostConfig")
	if err != nil {
		return nil, err
	}
	labels, _ := out["Labels"].(object)
	labels = maps.Clone(labels)
	if labels == nil {
		labels = object{}
	}
	labels[ours] = "1"
	out["Labels"] = labels
	return json.Marshal(out)
}

// hostConfig checks what a container may do to the machine.
func (r rules) hostConfig(value any) (any, error) {
	config, ok := value.(object)
	if !ok {
		return nil, fmt.Errorf("it is not an object")
	}
	return check("HostConfig.", config, map[string]rule{
		"NetworkMode": oneOf(r.networks), "Mounts": r.mounts, "Tmpfs": tmpfs, "LogConfig": logConfig, "RestartPolicy": noRestart,
		"CapDrop": exactly("ALL"), "SecurityOpt": exactly("no-new-privileges", "no-new-privileges:true"), "ReadonlyRootfs": must,
		"Memory": positive, "PidsLimit": positive, "MemorySwap": number, "CpuShares": number, "NanoCpus": number, "CpuPeriod": number,
		"CpuQuota": number, "ShmSize": number, "AutoRemove": flag, "Init": flag, "MemorySwappiness": onlyDefault,
		"IpcMode": oneOf([]string{"none", "private"}), "CgroupnsMode": oneOf([]string{"private"}),
	}, "NetworkMode", "CapDrop", "SecurityOpt", "ReadonlyRootfs", "Memory", "PidsLimit")
}

// check applies the rules of an object's members. A member without a rule must be empty, and is left out; the required ones must not be.
func check(at string, members object, known map[string]rule, required ...string) (object, error) {
	out := object{}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		value := members[name]
		if empty(value) {
			continue
		}
		rule, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("%s%s may not be set", at, name)
		}
		checked, err := rule(value)
		if err != nil {
			return nil, fmt.Errorf("%s%s: %w", at, name, err)
		}
		out[name] = checked
	}
	for _, name := range required {
		if _, ok := out[name]; !ok {
			return nil, fmt.Errorf("%s%s must be set", at, name)
		}
	}
	return out, nil
}

// empty reports whether a value is what the engine takes for no value. Clients send many of those.
func empty(value any) bool {
	switch v := value.(type) {
	case nil:
		return true
	case bool:
		return !v
	case string:
		return v == ""
	case json.Number:
		return v == "0"
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !empty(e) })
	case object:
		return !slices.ContainsFunc(slices.Collect(maps.Values(v)), func(e any) bool { return !empty(e) })
	}
	return false
}

func oneOf(allowed []string) rule {
	return func(value any) (any, error) {
		if v, ok := value.(string); ok && slices.Contains(allowed, v) {
			return v, nil
		}
		return nil, fmt.Errorf("%v is not allowed; these are: %s", value, strings.Join(allowed, ", "))
	}
}

// exactly allows a list of one text, one of those given.
func exactly(allowed ...string) rule {
	return func(value any) (any, error) {
		if v, ok := value.([]any); ok && len(v) == 1 {
			if s, ok := v[0].(string); ok && slices.Contains(allowed, s) {
				return v, nil
			}
		}
		return nil, fmt.Errorf("it must be [%q]", allowed[0])
	}
}

var numericUser = regexp.MustCompile(`^([0-9]+)(:[0-9]+)?$`)

// user allows everybody but root, by number: names are looked up in the image.
func user(value any) (any, error) {
	v, _ := value.(string)
	if m := numericUser.FindStringSubmatch(v); m != nil {
		if id, err := strconv.ParseUint(m[1], 10, 31); err == nil && id != 0 {
			return v, nil
		}
	}
	return nil, fmt.Errorf("%v is not allowed: it must be a number, and not root's", value)
}

func text(value any) (any, error) {
	if _, ok := value.(string); !ok {
		return nil, fmt.Errorf("it is not a text")
	}
	return value, nil
}

func list(value any) (any, error) {
	v, ok := value.([]any)
	if !ok || slices.ContainsFunc(v, func(e any) bool { _, ok := e.(string); return !ok }) {
		return nil, fmt.Errorf("it is not a list of texts")
	}
	return v, nil
}

func texts(value any) (any, error) {
	v, ok := value.(object)
	if !ok || slices.ContainsFunc(slices.Collect(maps.Values(v)), func(e any) bool { _, ok := e.(string); return !ok }) {
		return nil, fmt.Errorf("it holds more than texts")
	}
	return v, nil
}

func number(value any) (any, error) {
	if _, ok := value.(json.Number); !ok {
		return nil, fmt.Errorf("it is not a number")
	}
	return value, nil
}

func positive(value any) (any, error) {
	if n, ok := value.(json.Number); ok {
		if i, err := n.Int64(); err == nil && i > 0 {
			return value, nil
		}
	}
	return nil, fmt.Errorf("%v sets no limit", value)
}

func flag(value any) (any, error) {
	if _, ok := value.(bool); !ok {
		return nil, fmt.Errorf("it is neither true nor false")
	}
	return value, nil
}

func must(value any) (any, error) {
	if value != true {
		return nil, fmt.Errorf("it must be true")
	}
	return value, nil
}

// onlyDefault allows -1, which clients send for the engine's default.
func onlyDefault(value any) (any, error) {
	if value != json.Number("-1") {
		return nil, fmt.Errorf("it may not be set")
	}
	return value, nil
}

// logConfig allows logs on this machine only.
func logConfig(value any) (any, error) {
	v, ok := value.(object)
	if !ok {
		return nil, fmt.Errorf("it is not an object")
	}
	return check("", v, map[string]rule{
		"Type": oneOf([]string{"json-file", "local"}),
		"Config": func(value any) (any, error) {
			options, ok := value.(object)
			if !ok {
				return nil, fmt.Errorf("it is not an object")
			}
			return check("", options, map[string]rule{"max-size": text, "max-file": text})
		},
	})
}

func noRestart(value any) (any, error) {
	if v, ok := value.(object); ok {
		return check("", v, map[string]rule{"Name": oneOf([]string{"no"})})
	}
	return nil, fmt.Errorf("it is not an object")
}

// tmpfs allows memory to be mounted anywhere but over everything.
func tmpfs(value any) (any, error) {
	v, err := texts(value)
	if err != nil {
		return nil, err
	}
	for target := range v.(object) {
		if !path.IsAbs(target) || path.Clean(target) != target || target == "/" {
			return nil, fmt.Errorf("it may not be mounted at %q", target)
		}
	}
	return v, nil
}

// mounts allows folders of the host to be read and volumes to be used, those that the settings name.
func (r rules) mounts(value any) (any, error) {
	all, ok := value.([]any)
	if !ok {
		return nil, fmt.Errorf("it is not a list")
	}
	out := []any{}
	for _, m := range all {
		mount, ok := m.(object)
		if !ok {
			return nil, fmt.Errorf("it is not a list of objects")
		}
		checked, err := check("", mount, map[string]rule{
			"Type": oneOf([]string{"bind", "volume", "tmpfs"}), "Source": text, "Target": text, "ReadOnly": flag, "Consistency": text,
		}, "Type", "Target")
		if err != nil {
			return nil, err
		}
		source, _ := checked["Source"].(string)
		readOnly := checked["ReadOnly"] == true
		switch kind := checked["Type"]; {
		case kind == "tmpfs" && source == "":
		case kind == "bind" && readOnly && r.mayRead(source):
		case slices.Contains(r.volumes, source) && (kind == "bind") == path.IsAbs(source):
		default:
			return nil, fmt.Errorf("mounting %s %q (read-only: %v) is not allowed", kind, source, readOnly)
		}
		out = append(out, checked)
	}
	return out, nil
}

// mayRead reports whether a path is one of the folders or below one.
func (r rules) mayRead(source string) bool {
	if !path.IsAbs(source) || path.Clean(source) != source {
		return false
	}
	return slices.ContainsFunc(r.folders, func(folder string) bool {
		return source == folder || strings.HasPrefix(source, folder+"/")
	})
}
