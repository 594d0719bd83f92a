package audit

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// timeForm is how CloudTrail writes a time inside requestParameters and
// responseElements, unlike eventTime: "Mar 9, 2026, 9:16:35 AM".
const timeForm = "Jan 2, 2006, 3:04:05 PM"

// shape appends a request or reply: the members that are present, or null for
// none. Sensitive members and blobs are left out, as CloudTrail does for IAM and
// Secrets Manager.
func (w *writer) shape(x any, limit int, field cut) {
	v := reflect.ValueOf(x)
	for v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		w.raw("null")
		return
	}
	start := len(w.buf)
	s := shapeWriter{writer: w, end: start + limit - shapeSlack, field: field}
	s.object(v)
	if len(w.buf) == start+len("{}") {
		w.buf = append(w.buf[:start], "null"...)
	}
}

// shapeSlack is room for the brackets and the one number that may come after
// the limit is reached.
const shapeSlack = 128

// shapeWriter appends the values of one shape until its limit is reached.
type shapeWriter struct {
	*writer
	end   int // of the buffer
	field cut // what to flag when something does not fit
}

// full says, and flags, that nothing more fits.
func (w *shapeWriter) full() bool {
	if len(w.buf) < w.end {
		return false
	}
	w.cut |= w.field
	return true
}

// value appends v and says whether there was anything to append.
func (w *shapeWriter) value(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer:
		return !v.IsNil() && w.value(v.Elem())
	case reflect.String:
		w.text(v.String(), min(maxValue, w.end-len(w.buf)), w.field)
	case reflect.Bool:
		w.bool(v.Bool())
	case reflect.Int, reflect.Int32, reflect.Int64:
		w.buf = strconv.AppendInt(w.buf, v.Int(), 10)
	case reflect.Float32, reflect.Float64:
		return w.float(v.Float())
	case reflect.Struct:
		if v.Type() == timeType {
			return w.time(v)
		}
		w.object(v)
	case reflect.Slice:
		return !v.IsNil() && w.list(v)
	case reflect.Map:
		return !v.IsNil() && w.dictionary(v)
	default:
		return false // generated shapes have no other kinds
	}
	return true
}

func (w *shapeWriter) object(v reflect.Value) {
	w.raw("{")
	start := len(w.buf)
	for _, m := range membersOf(v.Type()) {
		fv := v.Field(m.index)
		if absent(fv) {
			continue
		}
		if w.full() {
			break
		}
		mark := len(w.buf)
		if mark > start {
			w.raw(",")
		}
		w.raw(m.key)
		if !w.value(fv) {
			w.buf = w.buf[:mark]
		}
	}
	w.raw("}")
}

func absent(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Map:
		return v.IsNil()
	}
	return false
}

func (w *shapeWriter) list(v reflect.Value) bool {
	if v.Type().Elem().Kind() == reflect.Uint8 {
		return false // a blob
	}
	w.raw("[")
	start := len(w.buf)
	for i := range v.Len() {
		if w.full() {
			break
		}
		mark := len(w.buf)
		if mark > start {
			w.raw(",")
		}
		if !w.value(v.Index(i)) {
			w.buf = w.buf[:mark]
		}
	}
	w.raw("]")
	return true
}

func (w *shapeWriter) dictionary(v reflect.Value) bool {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	w.raw("{")
	start := len(w.buf)
	for _, k := range keys {
		if w.full() {
			break
		}
		mark := len(w.buf)
		if mark > start {
			w.raw(",")
		}
		w.text(k.String(), min(maxName, w.end-len(w.buf)), w.field)
		w.raw(":")
		if !w.value(v.MapIndex(k)) {
			w.buf = w.buf[:mark]
		}
	}
	w.raw("}")
	return true
}

func (w *shapeWriter) float(f float64) bool {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return false // JSON has no word for them
	}
	w.buf = strconv.AppendFloat(w.buf, f, 'g', -1, 64)
	return true
}

var timeType = reflect.TypeFor[time.Time]()

func (w *shapeWriter) time(v reflect.Value) bool {
	var t time.Time
	if v.CanAddr() {
		t = *v.Addr().Interface().(*time.Time) // without a copy on the heap
	} else {
		t = v.Interface().(time.Time)
	}
	if t.IsZero() {
		return false
	}
	w.raw(`"`)
	w.buf = t.UTC().AppendFormat(w.buf, timeForm)
	w.raw(`"`)
	return true
}
