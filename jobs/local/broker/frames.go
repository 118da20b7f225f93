package broker

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
)

// castagnoli is the CRC-32C table; record batches and kfake's state files use it.
var castagnoli = crc32.MakeTable(crc32.Castagnoli)

const (
	frameHeaderSize = 8 // length and checksum, little-endian uint32 each
	frameVersion    = 1 // kfake's currentPersistVersion, a little-endian uint16 before the data
)

// appendFrame appends data to dst in the framing of kfake's append-only state
// files (groups.log, pids.log): length, CRC-32C, version, data. The length and
// the checksum cover version and data.
func appendFrame(dst, data []byte) []byte {
	body := binary.LittleEndian.AppendUint16(make([]byte, 0, 2+len(data)), frameVersion)
	body = append(body, data...)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(body)))
	dst = binary.LittleEndian.AppendUint32(dst, crc32.Checksum(body, castagnoli))
	return append(dst, body...)
}

// readFrames returns the data of the whole frames at the start of raw and how
// many bytes they take. What follows was torn by a kill.
func readFrames(raw []byte) (frames [][]byte, valid int) {
	for len(raw)-valid >= frameHeaderSize {
		rest := raw[valid:]
		length := int(binary.LittleEndian.Uint32(rest))
		if length < 2 || length > len(rest)-frameHeaderSize {
			break
		}
		body := rest[frameHeaderSize : frameHeaderSize+length]
		if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(rest[4:]) {
			break
		}
		frames = append(frames, body[2:])
		valid += frameHeaderSize + length
	}
	return frames, valid
}

// appendSynced appends data to a file, creating it when it is missing, and
// returns when the data is on disk.
func appendSynced(path string, data []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return finish(f, err)
}

// truncateSynced cuts a file to size bytes and returns when that is on disk.
func truncateSynced(path string, size int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return finish(f, f.Truncate(size))
}

// finish syncs and closes f and returns the first of err and what goes wrong.
func finish(f *os.File, err error) error {
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", f.Name(), err)
	}
	return nil
}
