package wire

import (
	"encoding/base64"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// Times on the wire have milliseconds, as AWS's have; finer parts are cut off.
const (
	layoutSeconds = time.RFC3339 // of UTC; package time is quick with it
	layoutMillis  = "2006-01-02T15:04:05.000Z"
	maxEpoch      = 253402300799 // the last second of the year 9999
	minEpoch      = -62135596800 // the first second of the year 1
)

// setText sets the scalar v of kind n.kind from the text s, as Query has it
// and as JSON has a string.
func (n *node) setText(v reflect.Value, s string) error {
	switch n.kind {
	case kindString:
		v.SetString(s)
		return nil
	case kindInteger, kindLong:
		i, err := strconv.ParseInt(s, 10, n.typ.Bits())
		if err != nil {
			return cannot("STRING_VALUE", n.kind)
		}
		v.SetInt(i)
		return nil
	case kindFloat:
		f, err := strconv.ParseFloat(s, n.typ.Bits())
		if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
			return cannot("STRING_VALUE", n.kind)
		}
		v.SetFloat(f)
		return nil
	case kindBool:
		if s != "true" && s != "false" {
			return cannot("STRING_VALUE", n.kind)
		}
		v.SetBool(s == "true")
		return nil
	case kindTime:
		t, ok := parseTime(s)
		if !ok {
			return malformed(badTimestamp)
		}
		*v.Addr().Interface().(*time.Time) = t
		return nil
	}
	return setBlob(v, s)
}

func setBlob(v reflect.Value, s string) error {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return cannot("STRING_VALUE", kindBlob)
	}
	v.SetBytes(b)
	return nil
}

// parseTime reads ISO 8601 with Z or an offset, or seconds since 1970.
func parseTime(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05Z0700"} {
		if t, err := time.Parse(layout, s); err == nil {
			return inRange(t)
		}
	}
	return parseEpoch(s)
}

// parseEpoch reads seconds since 1970, with or without a fraction or exponent.
func parseEpoch(s string) (time.Time, bool) {
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		if i < minEpoch || i > maxEpoch {
			return time.Time{}, false
		}
		return time.Unix(i, 0).UTC(), true
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || !(f >= minEpoch && f <= maxEpoch) {
		return time.Time{}, false
	}
	// A float64 of today has its error below the microsecond: round that away
	// before cutting at the millisecond.
	return inRange(time.UnixMicro(int64(math.Round(f * 1e6))))
}

func inRange(t time.Time) (time.Time, bool) {
	t = time.UnixMilli(t.UnixMilli()).UTC()
	return t, t.Year() >= 1 && t.Year() <= 9999
}

// appendISO appends t as Query writes times.
func appendISO(buf []byte, t time.Time, layout string) []byte {
	return t.UTC().AppendFormat(buf, layout)
}

// appendEpoch appends t as JSON writes times: 1436312345.678, or 1436312345.
func appendEpoch(buf []byte, t time.Time) []byte {
	ms := t.UnixMilli()
	if ms < 0 {
		buf, ms = append(buf, '-'), -ms
	}
	buf = strconv.AppendInt(buf, ms/1000, 10)
	if ms %= 1000; ms == 0 {
		return buf
	}
	fraction := [4]byte{'.', byte('0' + ms/100), byte('0' + ms/10%10), byte('0' + ms%10)}
	return append(buf, strings.TrimRight(string(fraction[:]), "0")...)
}

// appendScalar appends numbers and booleans, which look the same everywhere.
func (n *node) appendScalar(buf []byte, v reflect.Value) []byte {
	switch n.kind {
	case kindBool:
		return strconv.AppendBool(buf, v.Bool())
	case kindFloat:
		return strconv.AppendFloat(buf, v.Float(), 'f', -1, n.typ.Bits())
	}
	return strconv.AppendInt(buf, v.Int(), 10)
}

// timeIn returns the time in v without making garbage where it can.
func timeIn(v reflect.Value) time.Time {
	if v.CanAddr() {
		return *v.Addr().Interface().(*time.Time)
	}
	return v.Interface().(time.Time)
}
