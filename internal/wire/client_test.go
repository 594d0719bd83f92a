package wire_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

// speakers are both sides of each protocol.
var speakers = map[string]*shapes.Service{
	"query":        {Protocol: shapes.Query, Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/"},
	"millis":       {Protocol: shapes.Query, Version: "2010-05-08", Milliseconds: true},
	"json":         {Protocol: shapes.JSON11, TargetPrefix: "secretsmanager"},
	"json capital": {Protocol: shapes.JSON11, TargetPrefix: "AmazonSSM", CapitalMessage: true},
}

// What a service says, its client hears.
func TestClientReadsReplies(t *testing.T) {
	var want rich
	text := `{"Name":"b\u0009<o>&\"b\"\u2028","Words":["a","","b"],"Items":[{"Key":"a","Parts":[]},{}],"Labels":{"a":"b","":"c"},"Nested":{"k":[{"Key":"x"}]},` +
		`"Since":1425926363,"Max":1,"Long":9007199254740993,"Ratio":-0.5,"Flag":true,"Blob":"AAH/","Inner":{"Name":"x"}}`
	if _, err := json1.Decode([]byte(text), &want); err != nil {
		t.Fatal(err)
	}
	op := &shapes.Operation{Name: "Do", Result: "DoResult"}
	for name, svc := range speakers {
		body := wire.For(svc).Reply(nil, op, "id", &want)
		var got rich
		if err := wire.ClientOf(svc).Read(nil, body, op, &got); err != nil {
			t.Fatalf("%s: %v in %s", name, err, body)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v\nwant %+v\nfrom %s", name, got, want, body)
		}
	}
}

func TestClientAsks(t *testing.T) {
	name := "bob"
	in := &rich{Name: &name}
	for name, svc := range speakers {
		q, err := wire.ClientOf(svc).Ask(&shapes.Operation{Name: "GetUser"}, in)
		if err != nil {
			t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(t.Context(), q.Method, "/", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header = q.Header
		req, err := wire.Open(r, q.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got rich
		if _, err := req.Decode(&got); err != nil || got.Name == nil || *got.Name != "bob" {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
		if req.Operation != "GetUser" || req.Target != svc.TargetPrefix || req.Version != svc.Version {
			t.Errorf("%s: got %+v", name, &req)
		}
		req.Close()
	}
}

func TestClientReadsErrors(t *testing.T) {
	want := &awserr.Error{Code: "NoSuchEntity", Status: 404, Message: "The user with name <b> & \"c\" cannot be found."}
	for name, svc := range speakers {
		h := http.Header{}
		wire.For(svc).Header(h, "some-id", want)
		body := wire.For(svc).Error(nil, "some-id", want)
		got, id := wire.ClientOf(svc).ReadError(404, h, body)
		if !reflect.DeepEqual(got, want) || id != "some-id" {
			t.Errorf("%s: got %+v and %q from %s", name, got, id, body)
		}
	}
	for _, c := range []struct {
		service, header, body, code, message string
	}{
		{"query", "", "<html>", "HTTP502", "the server answered 502 Bad Gateway and no error that can be read"},
		{"query", "", "", "HTTP502", "the server answered 502 Bad Gateway and no error that can be read"},
		{"json", "", "oops", "HTTP502", "the server answered 502 Bad Gateway and no error that can be read"},
		{"json", "Busy:http://internal.amazon.com/", "", "Busy", ""},
		{"json", "", `{"__type":"com.amazonaws.secretsmanager#Busy","Message":"later"}`, "Busy", "later"},
	} {
		got, _ := wire.ClientOf(speakers[c.service]).ReadError(502, http.Header{"X-Amzn-Errortype": {c.header}}, []byte(c.body))
		if want := (awserr.Error{Code: c.code, Status: 502, Message: c.message}); !reflect.DeepEqual(*got, want) {
			t.Errorf("%q: got %+v, want %+v", c.body, got, want)
		}
	}
}

func TestClientRefusesOtherReplies(t *testing.T) {
	op := &shapes.Operation{Name: "Do", Result: "DoResult"}
	for _, body := range []string{
		"", "<html/>", "<DoResponse>", "<DoResponse/><DoResponse/>", "<DoResponse><DoResult><Max>x</Max></DoResult></DoResponse>",
		"<DoResponse><DoResult><Name><b/></Name></DoResult></DoResponse>", "<!DOCTYPE a [<!ENTITY b 'c'>]><DoResponse><DoResult><Name>&b;</Name></DoResult></DoResponse>",
		"<DoResponse><DoResult>" + strings.Repeat("<Inner>", 100) + strings.Repeat("</Inner>", 100) + "</DoResult></DoResponse>",
	} {
		if err := wire.ClientOf(speakers["query"]).Read(nil, []byte(body), op, new(rich)); err == nil {
			t.Errorf("%q was read", body)
		}
	}
}

func TestTree(t *testing.T) {
	var in rich
	text := `{"Name":"b","Words":[],"Items":[{"Key":"a"}],"Labels":{"a":"b"},"Since":1425926363.411,"Long":1,"Ratio":0.5,"Flag":false,"Blob":"AAH/"}`
	if _, err := json1.Decode([]byte(text), &in); err != nil {
		t.Fatal(err)
	}
	got := wire.Tree(&in)
	for name, want := range map[string]any{
		"Name": "b", "Words": []any{}, "Labels": map[string]any{"a": "b"}, "Since": "2015-03-09T18:39:23.411Z",
		"Long": int64(1), "Ratio": 0.5, "Flag": false, "Blob": "AAH/",
	} {
		if !reflect.DeepEqual(got[name], want) {
			t.Errorf("%s: got %#v, want %#v", name, got[name], want)
		}
	}
	if got := wire.Tree(nil); len(got) != 0 {
		t.Errorf("nil: got %v", got)
	}
}

// FuzzClient: whatever a server answers is read, or refused.
func FuzzClient(f *testing.F) {
	f.Add([]byte("<DoResponse><DoResult><Words><member>a</member></Words><Labels><entry><key>a</key><value>b</value></entry></Labels></DoResult></DoResponse>"))
	f.Add([]byte(`<ErrorResponse><Error><Code>a</Code><Message>b</Message></Error><RequestId>c</RequestId></ErrorResponse>`))
	f.Add([]byte(`{"__type":"a#b:c","message":"d","Name":"e"}`))
	op := &shapes.Operation{Name: "Do", Result: "DoResult"}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, svc := range speakers {
			client := wire.ClientOf(svc)
			var out rich
			if err := client.Read(nil, body, op, &out); err == nil {
				wire.Tree(&out)
			}
			if e, _ := client.ReadError(500, http.Header{}, body); e.Code == "" || e.Status != 500 {
				t.Fatalf("%q: %+v", body, e)
			}
		}
	})
}
