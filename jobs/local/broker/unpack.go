package broker

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// What a batch may be when unpacked, and all batches of a request; and how many times larger than it was sent. Weather is about 8
// times larger.
const (
	maxUnpacked        = 4 << 20
	maxUnpackedRequest = 64 << 20
	maxRatio           = 16
)

// unpack refuses a request with a batch that is broken or unpacks to more than it may. kfake stores what it gets, and readers
// unpack many batches at once, so one that unpacks to very much more than it takes is stored unpacked. What is no
// whole batch, or has a wrong checksum, is left for kfake to refuse.
func unpack(req *kmsg.ProduceRequest) error {
	left := maxUnpackedRequest
	for i := range req.Topics {
		for j := range req.Topics[i].Partitions {
			p := &req.Topics[i].Partitions[j]
			unpacked, err := unpackBatch(p.Records, min(maxUnpacked, left))
			if err != nil {
				return err
			}
			left -= len(unpacked)
			if len(unpacked) > maxRatio*len(p.Records) {
				p.Records = unpacked
			}
		}
	}
	return nil
}

// Where the parts of a batch are.
const (
	batchLengthAt     = 8 // of what follows it
	batchMagicAt      = 16
	batchCRCAt        = 17
	batchAttributesAt = 21 // from here on the checksum counts
	batchRecordsAt    = 61
	batchCodec        = 0x07 // of the attributes
)

// unpackBatch returns the batch as it is without compression.
func unpackBatch(batch []byte, limit int) ([]byte, error) {
	if len(batch) < batchRecordsAt || batch[batchMagicAt] != 2 {
		return batch, nil
	}
	attributes := binary.BigEndian.Uint16(batch[batchAttributesAt:])
	codec := attributes & batchCodec
	if codec == 0 || int(binary.BigEndian.Uint32(batch[batchLengthAt:])) != len(batch)-batchLengthAt-4 ||
		binary.BigEndian.Uint32(batch[batchCRCAt:]) != crc32.Checksum(batch[batchAttributesAt:], castagnoli) {
		return batch, nil
	}
	records, err := unpackRecords(codec, batch[batchRecordsAt:], limit)
	if err != nil {
		return nil, err
	}
	out := append(bytes.Clone(batch[:batchRecordsAt]), records...)
	binary.BigEndian.PutUint16(out[batchAttributesAt:], attributes&^batchCodec)
	binary.BigEndian.PutUint32(out[batchLengthAt:], uint32(len(out)-batchLengthAt-4))
	binary.BigEndian.PutUint32(out[batchCRCAt:], crc32.Checksum(out[batchAttributesAt:], castagnoli))
	return out, nil
}

// unpackRecords unpacks to limit bytes at the most. Errors are those of Kafka's protocol.
func unpackRecords(codec uint16, packed []byte, limit int) (records []byte, err error) {
	switch codec {
	case 1:
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader(packed)); err == nil {
			records, err = readBounded(r, limit)
		}
	case 2:
		records, err = unpackSnappy(packed, limit)
	case 3:
		records, err = readBounded(lz4.NewReader(bytes.NewReader(packed)), limit)
	case 4:
		var r *zstd.Decoder
		if r, err = zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20)); err == nil {
			records, err = readBounded(r, limit)
			r.Close()
		}
	default:
		err = errors.New("unknown codec")
	}
	if err != nil && !errors.Is(err, kerr.MessageTooLarge) {
		err = fmt.Errorf("%w: %w", kerr.CorruptMessage, err)
	}
	return records, err
}

func readBounded(r io.Reader, limit int) ([]byte, error) {
	records, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err == nil && len(records) > limit {
		err = kerr.MessageTooLarge
	}
	return records, err
}

// javaSnappy begins the framing of Java's producers: a header of 16 bytes, then blocks, each behind its length.
var javaSnappy = []byte{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0}

func unpackSnappy(packed []byte, limit int) ([]byte, error) {
	if len(packed) < 16 || !bytes.HasPrefix(packed, javaSnappy) {
		return appendSnappy(nil, packed, limit)
	}
	var out []byte
	for rest := packed[16:]; len(rest) > 0; {
		if len(rest) < 4 {
			return nil, io.ErrUnexpectedEOF
		}
		n := int64(binary.BigEndian.Uint32(rest))
		if rest = rest[4:]; n > int64(len(rest)) {
			return nil, io.ErrUnexpectedEOF
		}
		var err error
		if out, err = appendSnappy(out, rest[:n], limit); err != nil {
			return nil, err
		}
		rest = rest[n:]
	}
	return out, nil
}

func appendSnappy(out, block []byte, limit int) ([]byte, error) {
	n, err := s2.DecodedLen(block) // as the block says
	if err != nil {
		return nil, err
	}
	if n > limit-len(out) {
		return nil, kerr.MessageTooLarge
	}
	records, err := s2.Decode(nil, block)
	return append(out, records...), err
}

// refuseProduce answers every partition of a request with an error. Who wants no answer gets none: his connection is closed.
func refuseProduce(req *kmsg.ProduceRequest, why error) (kmsg.Response, error) {
	if req.Acks == 0 {
		return nil, why
	}
	var code *kerr.Error
	errors.As(why, &code)
	resp := req.ResponseKind().(*kmsg.ProduceResponse)
	for _, t := range req.Topics {
		rt := kmsg.NewProduceResponseTopic()
		rt.Topic, rt.TopicID = t.Topic, t.TopicID
		for _, p := range t.Partitions {
			rp := kmsg.NewProduceResponseTopicPartition()
			rp.Partition, rp.ErrorCode, rp.BaseOffset = p.Partition, code.Code, -1
			rt.Partitions = append(rt.Partitions, rp)
		}
		resp.Topics = append(resp.Topics, rt)
	}
	return resp, nil
}
