package wire_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

// stable wants body to be refused properly, or to mean the same when what it
// says is written and read again.
func stable(t *testing.T, p wire.Codec, body []byte) {
	var first, second rich
	absent, err := p.Decode(body, &first)
	if err != nil {
		if r, ok := errors.AsType[*awserr.Refusal](err); !ok || r.Kind != awserr.Malformed {
			t.Fatalf("%q: %T %v", body, err, err)
		}
		return
	}
	prune(&first)
	again := p.Encode("Do", &first)
	if _, err := p.Decode(again, &second); err != nil {
		if strings.Contains(err.Error(), "too many") || strings.Contains(err.Error(), "too deep") {
			return // what is required is written even if it was absent
		}
		t.Fatalf("%q became %q: %v", body, again, err)
	}
	if !reflect.DeepEqual(first, second) {
		t.Fatalf("%q became %q:\n%+v\n%+v (absent %v)", body, again, first, second, absent)
	}
	if third := p.Encode("Do", &second); !bytes.Equal(again, third) {
		t.Fatalf("%q became %q and then %q", body, again, third)
	}
}

// prune drops structures with nothing in them, which Query cannot write.
func prune(r *rich) {
	if r.Inner == nil {
		return
	}
	if prune(r.Inner); reflect.ValueOf(*r.Inner).IsZero() {
		r.Inner = nil
	}
}

func FuzzQuery(f *testing.F) {
	for _, s := range []string{
		"Action=GetUser&Name=bob&Version=2010-05-08", "Words.member.2=b&Words.member.1=%41+", "Items.member.1.Key=a&Items.member.1-x&Items.member.10.When=1e9",
		"Labels.entry.1.key=a&Labels.entry.1.value=b", "Nested.entry.1.key=a&Nested.entry.1.value.member.1.Key=b", "Inner.Inner.Blob=AAH%2F&Inner=",
		"Since=2015-03-09T18:39:23.5%2B02:00&Flag=true&Max=1&Long=2&Ratio=1e-7", "Words=&Labels=&Name.=1", "a=%&b=%ff&c=%00",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) { stable(t, query, body) })
}

func FuzzJSON(f *testing.F) {
	for _, s := range []string{
		`{"Name":"bob","Words":["a",null],"Items":[{"Key":"a","Parts":[]}],"Labels":{"a":"b"}}`, `{"Since":1425926363.25,"Max":1.9,"Long":1e3,"Ratio":-0.5e1,"Flag":true}`,
		`{"Inner":{"Nested":{"k":[{"When":-1.5}]}},"Blob":"AAH/","Other":[{},[1,"\ud83d\udd11"]]}`, `{"Name":"\u0000"}`, `[]`, ``, `{"Name":"a","Name":null}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		stable(t, json1, body)
		// What we accept is JSON to others, too.
		if _, err := json1.Decode(body, new(rich)); err == nil && len(bytes.TrimSpace(body)) > 0 && !json.Valid(body) {
			t.Fatalf("%q is not JSON", body)
		}
	})
}

// FuzzReply wants any text to come through both protocols' replies, but for
// what they cannot hold.
func FuzzReply(f *testing.F) {
	for _, s := range []string{"", "bob", awkward, "]]>", "\x00\x01\x7f\u0085\ufffe\uffff\ufffd\xff\xed\xa0\x80", "\r\n\r"} {
		f.Add(s, 1.5, int64(7))
	}
	op := &shapes.Operation{Name: "Do", Result: "DoResult"}
	f.Fuzz(func(t *testing.T, s string, ratio float64, long int64) {
		if math.IsNaN(ratio) || math.IsInf(ratio, 0) {
			ratio = 0
		}
		out := &rich{Name: &s, Words: []string{s}, Labels: map[string]string{s: s}, Ratio: &ratio, Long: &long}
		body := query.Reply(nil, op, s, out)
		var got struct {
			Name string   `xml:"DoResult>Name"`
			Word []string `xml:"DoResult>Words>member"`
			Key  string   `xml:"DoResult>Labels>entry>key"`
			ID   string   `xml:"ResponseMetadata>RequestId"`
		}
		if err := xml.Unmarshal(body, &got); err != nil {
			t.Fatalf("%q: %v in %s", s, err, body)
		}
		want := strings.Map(xmlRune, strings.ToValidUTF8(each(s), "\uFFFD"))
		if got.Name != want || got.Word[0] != want || got.Key != want || got.ID != want {
			t.Fatalf("%q: got %+v, want %q", s, got, want)
		}
		wellFormed(t, query.Error(nil, s, newError(400, s, s)))

		var back rich
		if err := json.Unmarshal(json1.Reply(nil, op, s, out), &back); err != nil || *back.Name != each(s) || *back.Ratio != ratio || *back.Long != long {
			t.Fatalf("%q: got %+v, %v", s, back, err)
		}
		if e := json1.Error(nil, s, newError(400, s, s)); !json.Valid(e) {
			t.Fatalf("%q: error %s", s, e)
		}
	})
}

// each makes each byte of s that is not UTF-8 a U+FFFD.
func each(s string) string { return string([]rune(s)) }

func xmlRune(r rune) rune {
	if r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return utf8.RuneError
	}
	return r
}

func wellFormed(t *testing.T, body []byte) {
	d := xml.NewDecoder(bytes.NewReader(body))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, body)
		}
	}
}
