package broker

import (
	"bytes"
	"slices"
	"testing"
	"testing/quick"
)

func TestFramesAreReadBackUpToTheTornOne(t *testing.T) {
	property := func(entries [][]byte, torn uint8) bool {
		var raw []byte
		for _, e := range entries {
			raw = appendFrame(raw, e)
		}
		whole := len(raw)
		last := appendFrame(nil, []byte("torn"))
		raw = append(raw, last[:int(torn)%len(last)]...)
		frames, valid := readFrames(raw)
		return valid == whole && slices.EqualFunc(frames, entries, bytes.Equal)
	}
	if err := quick.Check(property, nil); err != nil {
		t.Error(err)
	}
}

func FuzzReadFrames(f *testing.F) {
	f.Add(appendFrame(appendFrame(nil, []byte("a")), nil))
	f.Add([]byte{255, 255, 255, 255, 0, 0, 0, 0, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		frames, valid := readFrames(raw)
		if valid > len(raw) {
			t.Fatalf("%d of %d bytes are whole", valid, len(raw))
		}
		again, _ := readFrames(raw[:valid])
		if len(again) != len(frames) {
			t.Errorf("%d frames in the whole part, %d in all", len(again), len(frames))
		}
	})
}

func FuzzReadBatch(f *testing.F) {
	marker := sealed(endMarker(openTransaction{1, 2}, true, 3, 4, 5))
	f.Add(marker)
	f.Add(append(marker, marker[:20]...))
	f.Add(marker[:len(marker)-1])
	f.Fuzz(func(t *testing.T, raw []byte) {
		batch, size, err := readBatch(raw)
		if err != nil {
			return
		}
		if size < batchHeaderSize || size > len(raw) {
			t.Fatalf("a batch of %d bytes in %d", size, len(raw))
		}
		if got := batch.AppendTo(nil); !bytes.Equal(got, raw[:size]) {
			t.Errorf("written again as %x, was %x", got, raw[:size])
		}
	})
}
