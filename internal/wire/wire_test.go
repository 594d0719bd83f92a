package wire_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"reflect"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

// rich has every kind of member.
type rich struct {
	Blob   []byte            `aws:"Blob"`
	Flag   *bool             `aws:"Flag"`
	Inner  *rich             `aws:"Inner"`
	Items  []item            `aws:"Items"`
	Labels map[string]string `aws:"Labels"`
	Long   *int64            `aws:"Long"`
	Max    *int32            `aws:"Max"`
	Name   *string           `aws:"Name"`
	Nested map[string][]item `aws:"Nested"`
	Ratio  *float64          `aws:"Ratio"`
	Since  *time.Time        `aws:"Since"`
	Words  []string          `aws:"Words"`
}

type item struct {
	Count int32      `aws:"Count"`
	Key   string     `aws:"Key,required"`
	Parts []string   `aws:"Parts"`
	When  *time.Time `aws:"When"`
}

type needy struct {
	Arn  string `aws:"ARN,required"`
	Tags []item `aws:"Tags,required"`
}

var (
	query = wire.CodecOf(&shapes.Service{Protocol: shapes.Query, Version: "2010-05-08", Namespace: "https://iam.amazonaws.com/doc/2010-05-08/"})
	json1 = wire.CodecOf(&shapes.Service{Protocol: shapes.JSON11})
)

func ptr[T any](v T) *T { return &v }

func TestDecodeQuery(t *testing.T) {
	when := time.Date(2015, 3, 9, 18, 39, 23, 0, time.UTC)
	tests := []struct {
		form string
		want rich
	}{
		{"", rich{}},
		{"&&Action=X&=&", rich{}},
		{"Name=bob", rich{Name: ptr("bob")}},
		{"Name=a%2Bb+c%e2%82%AC", rich{Name: ptr("a+b c€")}},
		{"N%61me=bob", rich{Name: ptr("bob")}},
		{"Name=", rich{Name: ptr("")}},
		{"Name", rich{Name: ptr("")}},
		{"Name=a&Name=b", rich{Name: ptr("b")}}, // the last one counts
		{"name=bob&Unknown.member.1=%00&Name-x=1", rich{}},
		{"Flag=true&Max=-5&Long=9223372036854775807&Ratio=1.5", rich{Flag: ptr(true), Max: ptr(int32(-5)), Long: ptr(int64(1<<63 - 1)), Ratio: ptr(1.5)}},
		{"Blob=AAH%2F", rich{Blob: []byte{0, 1, 255}}},
		{"Since=2015-03-09T18%3A39%3A23Z", rich{Since: &when}},
		{"Since=2015-03-09T18%3A39%3A23.0009Z", rich{Since: &when}},
		{"Since=2015-03-09T20:39:23%2B02:00", rich{Since: &when}},
		{"Since=1425926363", rich{Since: &when}},
		{"Since=1425926363.25", rich{Since: ptr(when.Add(250 * time.Millisecond))}},
		{"Words=", rich{Words: []string{}}},
		{"Words.member.1=a", rich{Words: []string{"a"}}},
		{"Words.member.10=c&Words.member.2=b&Words.member.1=a&Words=", rich{Words: []string{"a", "b", "c"}}},
		{"Words.member.999999999=z&Words.member.7=a", rich{Words: []string{"a", "z"}}},
		{"Items.member.2.Key=b&Items.member.1.Key=a&Items.member.1.Parts.member.1=x", rich{Items: []item{{Key: "a", Parts: []string{"x"}}, {Key: "b"}}}},
		{"Labels.entry.1.key=a&Labels.entry.1.value=1&Labels.entry.2.key=b&Labels.entry.2.value=", rich{Labels: map[string]string{"a": "1", "b": ""}}},
		{"Labels=", rich{Labels: map[string]string{}}},
		{"Nested.entry.1.key=k&Nested.entry.1.value.member.1.Key=v", rich{Nested: map[string][]item{"k": {{Key: "v"}}}}},
		{"Inner.Inner.Name=deep", rich{Inner: &rich{Inner: &rich{Name: ptr("deep")}}}},
		{"Inner=", rich{Inner: &rich{}}},
	}
	for _, tt := range tests {
		var got rich
		if _, err := query.Decode([]byte(tt.form), &got); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, %v; want %+v", tt.form, got, err, tt.want)
		}
	}
}

func TestRefuseQuery(t *testing.T) {
	tests := []struct{ form, want string }{
		{"Max=abc", "STRING_VALUE can not be converted to an Integer"},
		{"Max=", "STRING_VALUE can not be converted to an Integer"},
		{"Max=2147483648", "STRING_VALUE can not be converted to an Integer"},
		{"Long=1.5", "STRING_VALUE can not be converted to a Long"},
		{"Flag=yes", "STRING_VALUE can not be converted to an Boolean"},
		{"Ratio=NaN", "STRING_VALUE can not be converted to a Double"},
		{"Blob=*", "STRING_VALUE can not be converted to a Blob"},
		{"Since=yesterday", "timestamp must follow ISO8601"},
		{"Since=1e300", "timestamp must follow ISO8601"},
		{"Since=9999-12-31T23:59:59-01:00", "timestamp must follow ISO8601"},
		{"Name.1=bob", "Start of list found where not expected"},
		{"Name.member.1=bob", "Start of list found where not expected"},
		{"Name.x=bob", "Start of structure or map found where not expected."},
		{"Words=a", "Expected list or null"},
		{"Words.1=a", "Start of structure or map found where not expected."},
		{"Labels=a", "Expected map or null"},
		{"Inner=a", "Expected null"},
		{"Words.member.x=a", "The request has a list member without a valid number."},
		{"Words.member.01=a", "The request has a list member without a valid number."},
		{"Words.member.-1=a", "The request has a list member without a valid number."},
		{"Words.member.9999999999=a", "The request has a list member without a valid number."},
		{"Words.member.1-x=a", "The request has a list member without a valid number."},
		{"Labels.entry.1.value=a", "The request has a map entry without a key."},
		{"Other=%zz", "The request has an invalid percent escape."},
		{"Name=%4", "The request has an invalid percent escape."},
		{"N%=1", "The request has an invalid percent escape."},
		{"Name=%ff", "The request is not valid UTF-8 text."},
		{"Name=\xff", "The request is not valid UTF-8 text."},
		{"Name=%00", "The request is not valid UTF-8 text."},
		{"Name=\x00", "The request is not valid UTF-8 text."},
		{strings.Repeat("Inner.", 65) + "Name=x", "The request is nested too deeply."},
		{strings.Repeat("a=b&", 4097), "The request has too many parameters."},
	}
	for _, tt := range tests {
		_, err := query.Decode([]byte(tt.form), new(rich))
		checkRefusal(t, tt.form, err, tt.want)
	}
}

func TestDecodeJSON(t *testing.T) {
	when := time.Unix(1425926363, 250e6).UTC()
	tests := []struct {
		body string
		want rich
	}{
		{"", rich{}},
		{" \r\n\t", rich{}},
		{" { } ", rich{}},
		{`{"Name":"bob","name":"eve","Other":[{"a":[null,1e5,true,"\u0041"]}]}`, rich{Name: ptr("bob")}},
		{`{"Name":"a","Name":"b"}`, rich{Name: ptr("b")}},
		{`{"Name":"a","Name":null}`, rich{}},
		{`{"N\u0061me":"\"\\\/\b\f\n\r\t\u20ac\ud83d\udd11\ud83d\ud83dx"}`, rich{Name: ptr("\"\\/\b\f\n\r\t€\U0001F511\uFFFD\uFFFDx")}},
		{`{"Flag":false,"Max":-5,"Long":9223372036854775807,"Ratio":-0.5e1}`, rich{Flag: ptr(false), Max: ptr(int32(-5)), Long: ptr(int64(1<<63 - 1)), Ratio: ptr(-5.0)}},
		{`{"Max":1.9,"Long":1e3}`, rich{Max: ptr(int32(1)), Long: ptr(int64(1000))}}, // AWS cuts, too
		{`{"Since":1425926363.25}`, rich{Since: &when}},
		{`{"Since":1.42592636325E9}`, rich{Since: &when}},
		{`{"Blob":"AAH/"}`, rich{Blob: []byte{0, 1, 255}}},
		{`{"Blob":""}`, rich{Blob: []byte{}}},
		{`{"Words":[]}`, rich{Words: []string{}}},
		{`{"Words":["a",null,"b"]}`, rich{Words: []string{"a", "b"}}},
		{`{"Items":[{"Key":"a","Parts":["x"]},{"Key":"b"}]}`, rich{Items: []item{{Key: "a", Parts: []string{"x"}}, {Key: "b"}}}},
		{`{"Labels":{"a":"1","b":null,"a":"2"},"Nested":{"k":[{"Key":"v"}]}}`, rich{Labels: map[string]string{"a": "2"}, Nested: map[string][]item{"k": {{Key: "v"}}}}},
		{`{"Inner":{"Inner":{"Name":"deep"}}}`, rich{Inner: &rich{Inner: &rich{Name: ptr("deep")}}}},
		{`{"Inner":{"Name":"x"},"Inner":{}}`, rich{Inner: &rich{}}},
	}
	for _, tt := range tests {
		var got rich
		if _, err := json1.Decode([]byte(tt.body), &got); err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %+v, %v; want %+v", tt.body, got, err, tt.want)
		}
	}
}

func TestRefuseJSON(t *testing.T) {
	const list, structure = "Start of list found where not expected", "Start of structure or map found where not expected."
	tests := []struct{ body, want string }{
		{`{"Name":1}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Name":1.5}`, "NUMBER_VALUE can not be converted to a String"},
		{`{"Name":true}`, "TRUE_VALUE can not be converted to a String"},
		{`{"Name":["x"]}`, list},
		{`{"Name":{"a":1}}`, structure},
		{`{"Max":"1"}`, "STRING_VALUE can not be converted to an Integer"},
		{`{"Max":false}`, "FALSE_VALUE can not be converted to an Integer"},
		{`{"Max":2147483648}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"Max":1e99}`, "NUMBER_VALUE can not be converted to an Integer"},
		{`{"Long":9223372036854775808}`, "NUMBER_VALUE can not be converted to a Long"},
		{`{"Ratio":1e999}`, "NUMBER_VALUE can not be converted to a Double"},
		{`{"Flag":1}`, "NUMBER_VALUE can not be converted to an Boolean"},
		{`{"Since":"2015-03-09T18:39:23Z"}`, "STRING_VALUE can not be converted to a Timestamp"},
		{`{"Since":1e300}`, "NUMBER_VALUE can not be converted to a Timestamp"},
		{`{"Blob":"*"}`, "STRING_VALUE can not be converted to a Blob"},
		{`{"Words":"x"}`, "Expected list or null"},
		{`{"Words":1}`, "Expected list or null"},
		{`{"Words":{}}`, structure},
		{`{"Words":[["a"]]}`, list},
		{`{"Labels":true}`, "Expected map or null"},
		{`{"Labels":[]}`, list},
		{`{"Inner":"x"}`, "Expected null"},
		{`{"Inner":[]}`, list},
		{`[]`, list},
		{`null`, ""}, {`1`, ""}, {`"x"`, ""}, {`{`, ""}, {`{}x`, ""}, {`{} {}`, ""}, {`{"Name":"x",}`, ""},
		{`{"Name" "x"}`, ""}, {`{Name:"x"}`, ""}, {`{"Max":01}`, ""}, {`{"Max":-}`, ""}, {`{"Max":1.}`, ""},
		{`{"Max":.5}`, ""}, {`{"Max":1e}`, ""}, {`{"Flag":tru}`, ""}, {`{"Flag":nul}`, ""}, {`{"Name":"\x"}`, ""},
		{`{"Name":"\u12g4"}`, ""}, {"{\"Name\":\"\n\"}", ""}, {"{\"Name\":\"\xff\"}", ""}, {`{"Name":"\u0000"}`, ""},
		{"{\"Name\":\"\x00\"}", ""}, {`{"Other":[1,]}`, ""}, {`{"Name":"x`, ""}, {`{"Words":["a"`, ""}, {`{"Name":"\`, ""},
		{strings.Repeat(`{"Inner":`, 70), "The request is nested too deeply."},
		{`{"Items":[{}` + strings.Repeat(`,{}`, 1<<16) + `]}`, "The request has too many parameters."},
		{`{"Other":` + strings.Repeat(`[`, 100), "The request is nested too deeply."},
	}
	for _, tt := range tests {
		_, err := json1.Decode([]byte(tt.body), new(rich))
		checkRefusal(t, tt.body, err, tt.want)
	}
}

func checkRefusal(t *testing.T, input string, err error, want string) {
	t.Helper()
	if len(input) > 60 {
		input = input[:60] + "…"
	}
	if r, ok := errors.AsType[*awserr.Refusal](err); !ok || r.Kind != awserr.Malformed || r.Detail != want {
		t.Errorf("%s: got %v, want %q", input, err, want)
	}
}

func TestAbsentPaths(t *testing.T) {
	tests := []struct {
		p          wire.Codec
		body, want string
	}{
		{query, "", "aRN tags"},
		{query, "ARN=&Tags=", ""},
		{query, "ARN=x&Tags.member.4.Key=a&Tags.member.9.Count=1", "tags.2.member.key"},
		{json1, "{}", "aRN tags"},
		{json1, `{"ARN":null,"Tags":[{"Key":"a"},{},{"Count":1}]}`, "tags.2.member.key tags.3.member.key aRN"},
		{json1, `{"ARN":"","Tags":[{}],"Tags":[]}`, ""},
	}
	for _, tt := range tests {
		absent, err := tt.p.Decode([]byte(tt.body), new(needy))
		if got := strings.Join(absent, " "); err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v; want %q", tt.body, got, err, tt.want)
		}
	}
	absent, err := json1.Decode([]byte(`{"Nested":{"k":[{}]},"Nested":{"j":[{}]}}`), new(rich))
	if err != nil || strings.Join(absent, " ") != "nested.j.member.1.member.key" {
		t.Errorf("in a map: got %q, %v", absent, err)
	}
}

func TestReplyBytes(t *testing.T) {
	op := &shapes.Operation{Name: "Do", Result: "DoResult"}
	out := &rich{
		Blob: []byte("hi"), Flag: ptr(false), Items: []item{{Key: "<&>\r\x01\xff"}}, Labels: map[string]string{"b": "", "a": "1"},
		Max: ptr(int32(3)), Name: ptr(""), Ratio: ptr(0.25), Since: ptr(time.Date(2026, 1, 1, 1, 0, 0, 123456789, time.FixedZone("", 3600))), Words: []string{},
	}
	inner := func(since string) string {
		return "<Blob>aGk=</Blob><Flag>false</Flag><Items><member><Count>0</Count><Key>&lt;&amp;&gt;&#13;\uFFFD\uFFFD</Key></member></Items>" +
			"<Labels><entry><key>a</key><value>1</value></entry><entry><key>b</key><value/></entry></Labels>" +
			"<Max>3</Max><Name/><Ratio>0.25</Ratio><Since>" + since + "</Since><Words/>"
	}
	millis := wire.CodecOf(&shapes.Service{Protocol: shapes.Query, Namespace: "urn:x", Milliseconds: true})
	tests := []struct {
		name string
		got  []byte
		want string
	}{
		{"query", query.Reply([]byte("kept:"), op, "id", out), "kept:<DoResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">\n  <DoResult>" +
			inner("2026-01-01T00:00:00Z") + "</DoResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse>\n"},
		{"millis", millis.Reply(nil, op, "id", out), "<DoResponse xmlns=\"urn:x\">\n  <DoResult>" +
			inner("2026-01-01T00:00:00.123Z") + "</DoResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse>\n"},
		{"no result", millis.Reply(nil, &shapes.Operation{Name: "Do"}, "id", nil),
			"<DoResponse xmlns=\"urn:x\">\n  <ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse>\n"},
		{"nil result", millis.Reply(nil, op, "id", (*rich)(nil)),
			"<DoResponse xmlns=\"urn:x\">\n  <DoResult></DoResult><ResponseMetadata><RequestId>id</RequestId></ResponseMetadata></DoResponse>\n"},
		{"json", json1.Reply(nil, op, "id", out), `{"Blob":"aGk=","Flag":false,"Items":[{"Count":0,"Key":"<&>\r\u0001` + "\uFFFD" + `"}],"Labels":{"a":"1","b":""},` +
			`"Max":3,"Name":"","Ratio":0.25,"Since":1767225600.123,"Words":[]}`},
		{"json nil", json1.Reply(nil, op, "id", nil), `{}`},
		{"query 404", millis.Error(nil, "id", newError(404, "NoSuchEntity", "no <user>")),
			"<ErrorResponse xmlns=\"urn:x\">\n  <Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>no &lt;user&gt;</Message></Error><RequestId>id</RequestId></ErrorResponse>\n"},
		{"query 500", millis.Error(nil, "id", newError(500, "ServiceFailure", "")),
			"<ErrorResponse xmlns=\"urn:x\">\n  <Error><Type>Receiver</Type><Code>ServiceFailure</Code><Message></Message></Error><RequestId>id</RequestId></ErrorResponse>\n"},
		{"json with a reason", json1.Error(nil, "id", &awserr.Error{Code: "X", Status: 400, Message: "m", Reason: "INVALID_ENUM"}),
			`{"__type":"X","message":"m","Reason":"INVALID_ENUM"}`},
		{"json 400", json1.Error(nil, "id", newError(400, "ParameterNotFound", "")), `{"__type":"ParameterNotFound"}`},
		{"json text", json1.Error(nil, "id", newError(400, "ParameterNotFound", "x")), `{"__type":"ParameterNotFound","message":"x"}`},
		{"json serialization", json1.Error(nil, "id", newError(400, "SerializationException", "x")), `{"__type":"SerializationException","Message":"x"}`},
	}
	for _, tt := range tests {
		if string(tt.got) != tt.want {
			t.Errorf("%s:\n got %s\nwant %s", tt.name, tt.got, tt.want)
		}
	}
}

func TestOpen(t *testing.T) {
	const form = "application/x-www-form-urlencoded"
	const body = "Action=GetUser&Version=2010-05-08&UserName=bob"
	tests := []struct {
		name                          string
		method, url, media, target    string
		body                          string
		wantTarget, wantVersion, want string
		refused                       string
	}{
		{name: "form", method: "POST", media: form, body: body, want: "GetUser", wantVersion: "2010-05-08"},
		{name: "charset", method: "POST", media: form + "; charset=utf-8", body: body, want: "GetUser", wantVersion: "2010-05-08"},
		{name: "no type", method: "POST", body: body, want: "GetUser", wantVersion: "2010-05-08"},
		{name: "get", method: "GET", url: "?" + body + "&X-Amz-Date=x", want: "GetUser", wantVersion: "2010-05-08"},
		{name: "post in the URL", method: "POST", url: "?" + body, media: "application/json", want: "GetUser", wantVersion: "2010-05-08"},
		{name: "both", method: "POST", url: "?Action=A&Version=1", media: form, body: "Action=B", want: "B", wantVersion: "1"},
		{name: "none", method: "POST"},
		{name: "twice", method: "POST", body: "Action=A&Action=B", want: "B"},
		{name: "escaped", method: "POST", body: "%41ction=%41", want: "A"},
		{name: "bad escape", method: "POST", body: "Action=%", refused: "The request has an invalid percent escape."},
		{name: "bad text", method: "POST", body: "Action=%ff", refused: "The request is not valid UTF-8 text."},
		{name: "wrong type", method: "POST", media: "application/json", body: body, refused: "The content type of the request must be application/x-www-form-urlencoded."},
		{name: "wrong method", method: "PUT", media: form, body: body, refused: "The request method must be GET or POST."},
		{name: "json", method: "POST", media: "application/x-amz-json-1.1", target: "secretsmanager.CreateSecret", body: "{}", want: "CreateSecret", wantTarget: "secretsmanager"},
		{name: "json dots", method: "POST", media: "application/x-amz-json-1.1; x=y", target: "com.amazonaws.X.Y", want: "Y", wantTarget: "com.amazonaws.X"},
		{name: "json none", method: "POST", media: "application/x-amz-json-1.1", target: "x"},
		{name: "json wrong type", method: "POST", media: form, target: "x.Y", refused: "The content type of the request must be application/x-amz-json-1.1."},
		{name: "json get", method: "GET", media: "application/x-amz-json-1.1", target: "x.Y", refused: "The request method must be POST."},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, "/"+tt.url, nil)
		setHeader(r, "Content-Type", tt.media)
		setHeader(r, "X-Amz-Target", tt.target)
		req, err := wire.Open(r, []byte(tt.body))
		if tt.refused != "" {
			checkRefusal(t, tt.name, err, tt.refused)
			continue
		}
		if err != nil || req.Operation != tt.want || req.Target != tt.wantTarget || req.Version != tt.wantVersion || (req.Protocol == shapes.JSON11) != (tt.target != "") {
			t.Errorf("%s: got %+v, %v", tt.name, req, err)
		}
		req.Close()
		req.Close()
	}
}

// TestConcurrent wants forms that share a pool to keep out of each other's way.
func TestConcurrent(t *testing.T) {
	for i := range 8 {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			t.Parallel()
			name := strings.Repeat(strconv.Itoa(i), 20)
			var kept []*string
			for range 500 {
				req, err := wire.Open(httptest.NewRequest("POST", "/", nil), []byte("Action=Do&Words.member.1=a%2Bb&Name="+name))
				if err != nil {
					t.Fatal(err)
				}
				var in rich
				if _, err := req.Decode(&in); err != nil || len(in.Words) != 1 {
					t.Fatal(in, err)
				}
				req.Close()
				kept = append(kept, in.Name)
			}
			for _, got := range kept {
				if *got != name {
					t.Fatalf("got %q, want %q", *got, name)
				}
			}
		})
	}
}

func setHeader(r *http.Request, name, value string) {
	if value != "" {
		r.Header.Set(name, value)
	}
}

// TestHostile wants a large body of each bad kind to be read in memory that
// grows with its length, and at all.
func TestHostile(t *testing.T) {
	deep := strings.Repeat("Inner.", 60)
	var forms, list strings.Builder
	for i := range 4000 {
		forms.WriteString("&" + deep + "Items.member." + strconv.Itoa(i) + ".Count=1")
		list.WriteString("Words.member." + strconv.Itoa(999999999-i) + "=x&")
	}
	tests := map[string]struct {
		p    wire.Codec
		body string
	}{
		"deep form":   {query, forms.String()},
		"large index": {query, list.String()},
		"escapes":     {query, "Name=" + strings.Repeat("%41", 1<<18)},
		"no pairs":    {query, strings.Repeat("&", 1<<20)},
		"empty items": {json1, `{"Items":[` + strings.Repeat("{},", 1<<18) + `{}]}`},
		"duplicates":  {json1, `{"Items":[{}]` + strings.Repeat(`,"Inner":{"Items":[{}]}`, 1<<16) + `}`},
		"escaped":     {json1, `{"Name":"` + strings.Repeat(`\n`, 1<<19) + `"}`},
	}
	for name, tt := range tests {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := tt.p.Decode([]byte(tt.body), new(rich))
		runtime.ReadMemStats(&after)
		took := after.TotalAlloc - before.TotalAlloc
		if took > 100*uint64(len(tt.body)) {
			t.Errorf("%s: %d bytes of memory for %d bytes (%v)", name, took, len(tt.body), err)
		} else {
			t.Logf("%s: %d bytes of memory for %d bytes (%v)", name, took, len(tt.body), err)
		}
	}
}
