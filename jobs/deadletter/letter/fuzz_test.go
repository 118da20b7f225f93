package letter

import (
	"bytes"
	"strings"
	"testing"

	"senmeteo/jobs/flow"
)

func FuzzRead(f *testing.F) {
	f.Add([]byte("k"), []byte("v"), headerOffset, []byte("17"), headerAttempt, []byte("2"))
	f.Add([]byte{}, []byte{0xff}, headerPartition, []byte("99999999999999999999"), headerCut, []byte("-5"))
	f.Add([]byte("k"), []byte("v"), "", []byte(strings.Repeat("x", 5000)), headerTopic, []byte("a"))
	f.Fuzz(func(t *testing.T, key, value []byte, name1 string, value1 []byte, name2 string, value2 []byte) {
		r := flow.Record{Key: key, Value: value, Headers: []flow.Header{{Key: name1, Value: value1}, {Key: name2, Value: value2}}}
		l := Read(&r)
		if l.Attempt < 1 || l.Cut < 0 || !bytes.Equal(l.Key, key) || !bytes.Equal(l.Value, value) {
			t.Errorf("%+v", l)
		}
		l.fit(0)
		if again := Read(&flow.Record{Key: l.Key, Value: l.Value, Headers: l.Encode()}); again.ID() != l.ID() {
			t.Errorf("written as %+v, read as %+v", l.ID(), again.ID())
		}
	})
}
