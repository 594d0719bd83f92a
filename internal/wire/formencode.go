package wire

import (
	"encoding/base64"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// encodeForm writes a request as the SDK does: parameters in order of their
// names, an empty list as "Name=".
func encodeForm(op, version string, in any) []byte {
	pairs := []pair{{key: "Action", value: op}, {key: "Version", value: version}}
	if n, v, ok := planned(in); ok {
		pairs = formMembers(pairs, "", n, v)
	}
	slices.SortFunc(pairs, comparePairs)
	var buf []byte
	for i, p := range pairs {
		if i > 0 {
			buf = append(buf, '&')
		}
		buf = append(buf, url.QueryEscape(p.key)...)
		buf = append(buf, '=')
		buf = append(buf, url.QueryEscape(p.value)...)
	}
	return buf
}

func formMembers(pairs []pair, prefix string, n *node, v reflect.Value) []pair {
	for i := range n.fields {
		f := &n.fields[i]
		pairs = formValue(pairs, prefix+f.name, f.node, v.Field(f.index))
	}
	return pairs
}

func formValue(pairs []pair, key string, n *node, v reflect.Value) []pair {
	v, ok := n.present(v)
	if !ok {
		return pairs
	}
	switch n.kind {
	case kindStruct:
		return formMembers(pairs, key+".", n.structure(), v)
	case kindList:
		if v.Len() == 0 {
			return append(pairs, pair{key: key})
		}
		for i := range v.Len() {
			pairs = formValue(pairs, key+".member."+strconv.Itoa(i+1), n.elem, v.Index(i))
		}
		return pairs
	case kindMap:
		if v.Len() == 0 {
			return append(pairs, pair{key: key})
		}
		for i, k := range sortedKeys(v) {
			entry := key + ".entry." + strconv.Itoa(i+1)
			pairs = append(pairs, pair{key: entry + ".key", value: k.String()})
			pairs = formValue(pairs, entry+".value", n.elem, v.MapIndex(k))
		}
		return pairs
	}
	return append(pairs, pair{key: key, value: formText(n, v)})
}

func formText(n *node, v reflect.Value) string {
	switch n.kind {
	case kindString:
		return v.String()
	case kindBlob:
		return base64.StdEncoding.EncodeToString(v.Bytes())
	case kindTime:
		t := timeIn(v)
		layout := layoutSeconds
		if t.Nanosecond() >= 1e6 {
			layout = layoutMillis
		}
		return string(appendISO(nil, t, layout))
	}
	return string(n.appendScalar(nil, v))
}

// sortedKeys returns a map's keys in order, so that equal values have equal bytes.
func sortedKeys(v reflect.Value) []reflect.Value {
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	return keys
}
