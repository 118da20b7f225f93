package parquet

import (
	"encoding/binary"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"senmeteo/jobs/shape"
)

// valueOf returns how the present cells of a column of this type become values of a shape.Row. NaN is a
// missing number: several producers have no other. A day is text, 2006-01-02, and so is a time of day.
func valueOf(t parquet.Type, logical *format.LogicalType) func(parquet.Value) any {
	if logical != nil {
		switch logical := logical.Value.(type) {
		case *format.TimestampType:
			unit := unitOf(logical.Unit)
			if !logical.IsAdjustedToUTC {
				return func(v parquet.Value) any { return sinceEpoch(v.Int64(), unit).In(shape.NoZone) }
			}
			return func(v parquet.Value) any { return sinceEpoch(v.Int64(), unit) }
		case *format.TimeType:
			unit := unitOf(logical.Unit)
			return func(v parquet.Value) any { return clock(wholeNumber(v), unit) }
		case *format.DateType:
			return func(v parquet.Value) any {
				return time.Unix(int64(v.Int32())*86400, 0).UTC().Format(time.DateOnly)
			}
		case *format.DecimalType:
			if logical.Scale < 0 || logical.Scale > 76 { // no program writes more digits
				return func(parquet.Value) any { return "a decimal of an impossible scale" }
			}
			return func(v parquet.Value) any { return decimal(v, int(logical.Scale)) }
		case *format.IntType:
			if !logical.IsSigned {
				return func(v parquet.Value) any { return unsigned(v) }
			}
		case *format.Float16Type:
			return func(v parquet.Value) any { return known(half(v.ByteArray())) }
		}
	}
	switch t.Kind() {
	case parquet.Boolean:
		return func(v parquet.Value) any { return v.Boolean() }
	case parquet.Int32, parquet.Int64:
		return func(v parquet.Value) any { return float64(wholeNumber(v)) }
	case parquet.Int96: // the timestamps of older Sparks and Hives
		return func(v parquet.Value) any { return julian(v) }
	case parquet.Float:
		return func(v parquet.Value) any { return known(shortest(v.Float())) }
	case parquet.Double:
		return func(v parquet.Value) any { return known(v.Double()) }
	}
	return func(v parquet.Value) any { return string(v.ByteArray()) }
}

func unsigned(v parquet.Value) float64 {
	if v.Kind() == parquet.Int32 {
		return float64(v.Uint32())
	}
	return float64(v.Uint64())
}

// half reads a number of 16 bits (IEEE 754 binary16, little-endian), as a person would write it with its three digits and a half.
func half(bytes []byte) float64 {
	if len(bytes) != 2 {
		return math.NaN()
	}
	bits := binary.LittleEndian.Uint16(bytes)
	exponent, fraction := int(bits>>10&0x1f), float64(bits&0x3ff)/1024
	x := math.Ldexp(1+fraction, exponent-15)
	switch exponent {
	case 0:
		x = math.Ldexp(fraction, -14)
	case 0x1f:
		if fraction != 0 {
			return math.NaN()
		}
		x = math.Inf(1)
	}
	if bits>>15 == 1 {
		x = -x
	}
	return fewest(x, bits)
}

// fewest returns the number of the fewest digits that is nearest to no other number of 16 bits.
func fewest(x float64, bits uint16) float64 {
	step := math.Ldexp(1, max(int(bits>>10&0x1f), 1)-25)
	for digits := 1; digits < 6; digits++ {
		short, err := strconv.ParseFloat(strconv.FormatFloat(x, 'g', digits, 64), 64)
		if err == nil && math.Abs(short-x) < step/2 {
			return short
		}
	}
	return x
}

// shortest turns a number of 32 bits into the number of 64 bits that a person would write for it: 25.3 and not
// 25.299999237060547.
func shortest(x float32) float64 {
	wide, err := strconv.ParseFloat(strconv.FormatFloat(float64(x), 'g', -1, 32), 64)
	if err != nil {
		return float64(x)
	}
	return wide
}

func known(x float64) any {
	if math.IsNaN(x) {
		return nil
	}
	return x
}

func wholeNumber(v parquet.Value) int64 {
	if v.Kind() == parquet.Int32 {
		return int64(v.Int32())
	}
	return v.Int64()
}

func unitOf(unit format.TimeUnit) time.Duration {
	switch unit.Value.(type) {
	case *format.MilliSeconds:
		return time.Millisecond
	case *format.MicroSeconds:
		return time.Microsecond
	}
	return time.Nanosecond
}

func sinceEpoch(n int64, unit time.Duration) time.Time {
	perSecond := int64(time.Second / unit)
	return time.Unix(n/perSecond, n%perSecond*int64(unit)).UTC()
}

func clock(n int64, unit time.Duration) string {
	return time.Time{}.Add(time.Duration(n) * unit).Format("15:04:05.999999")
}

// julian reads nanoseconds of a day and the number of its Julian day; 1 January 1970 is 2440588.
func julian(v parquet.Value) time.Time {
	parts := v.Int96()
	nanos := int64(parts[1])<<32 | int64(parts[0])
	return time.Unix((int64(parts[2])-2440588)*86400, 0).UTC().Add(time.Duration(nanos))
}

// decimal reads an unscaled whole number with its decimal point: the number nearest to it.
func decimal(v parquet.Value, scale int) any {
	n := new(big.Int)
	switch v.Kind() {
	case parquet.Int32, parquet.Int64:
		n.SetInt64(wholeNumber(v))
	default: // big-endian two's complement
		bytes := v.ByteArray()
		n.SetBytes(bytes)
		if len(bytes) > 0 && bytes[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes))))
		}
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
		n.Neg(n)
	}
	digits := n.String()
	if missing := scale + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	written := sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
	if x, err := strconv.ParseFloat(written, 64); err == nil {
		return x
	}
	return written
}
