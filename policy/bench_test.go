package policy_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/policy"
)

// fiveByTen is five policies of ten statements, half of them about another
// service; the last one is the one that allows.
func fiveByTen(tb testing.TB, resource, condition string) policy.Set {
	var set policy.Set
	for p := range 5 {
		var statements []string
		for s := range 10 {
			actions := `"s3:GetObject","s3:PutObject"`
			switch {
			case p == 4 && s == 9:
				actions = `"s3:Get*","s3:PutObject"`
			case s%2 == 1:
				actions = `"iam:GetUser","iam:List*"`
			}
			statements = append(statements, fmt.Sprintf(`{"Effect":"Allow","Action":[%s],"Resource":"arn:aws:s3:::%s"%s}`,
				actions, fmt.Sprintf(resource, p, s), condition))
		}
		text := `{"Version":"2012-10-17","Statement":[` + strings.Join(statements, ",") + `]}`
		doc, err := policy.Parse(text, policy.Managed)
		if err != nil {
			tb.Fatal(err)
		}
		set.Identity = append(set.Identity, policy.Policy{Name: fmt.Sprint(p), Document: doc})
	}
	return set
}

const usualConditions = `,"Condition":{"StringEquals":{"aws:username":"alice"},"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}`

type benchCase struct {
	name    string
	set     policy.Set
	request policy.Request
	want    bool
}

func benchCases(tb testing.TB) []benchCase {
	context := policy.Values{"aws:username": {"alice"}, "aws:sourceip": {"10.1.2.3"}}
	ask := func(resource string) policy.Request {
		return policy.Request{
			Principal: policy.Principal{Type: policy.User, ARN: "arn:aws:iam::123456789012:user/alice", Account: "123456789012"},
			Action:    "s3:GetObject", Resource: resource, Context: context,
		}
	}
	simple := fiveByTen(tb, "bucket-%d-%d/*", "")
	conditions := fiveByTen(tb, "bucket-%d-%d/*", usualConditions)
	variables := fiveByTen(tb, "bucket-%d-%d/${aws:username}/*", usualConditions)
	all := fiveByTen(tb, "*%[1]d%[2]d", usualConditions)
	return []benchCase{
		{"last", simple, ask("arn:aws:s3:::bucket-4-9/team/a/file.txt"), true},
		{"none", simple, ask("arn:aws:s3:::bucket-9-9/team/a/file.txt"), false},
		{"conditions/last", conditions, ask("arn:aws:s3:::bucket-4-9/team/a/file.txt"), true},
		{"variables/last", variables, ask("arn:aws:s3:::bucket-4-9/alice/a/file.txt"), true},
		{"variables/none", variables, ask("arn:aws:s3:::bucket-9-9/alice/a/file.txt"), false},
		{"conditions/wild", all, ask("arn:aws:s3:::bucket-4-9/team/49"), true},
	}
}

func BenchmarkDecide(b *testing.B) {
	for _, c := range benchCases(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if c.set.Decide(&c.request).Allowed != c.want {
					b.Fatal("wrong decision")
				}
			}
		})
	}
}

func BenchmarkReasons(b *testing.B) {
	room := make([]policy.Reason, 0, 50)
	for _, c := range benchCases(b) {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				c.set.Reasons(&c.request, room)
			}
		})
	}
}

func BenchmarkExplain(b *testing.B) {
	c := benchCases(b)[2]
	b.ReportAllocs()
	for b.Loop() {
		c.set.Explain(&c.request)
	}
}

func TestDecideAllocatesNothing(t *testing.T) {
	for _, c := range benchCases(t) {
		if n := testing.AllocsPerRun(100, func() { c.set.Decide(&c.request) }); n != 0 {
			t.Errorf("%s: Decide makes %v allocations", c.name, n)
		}
		room := make([]policy.Reason, 0, 50)
		if n := testing.AllocsPerRun(100, func() { c.set.Reasons(&c.request, room) }); n != 0 {
			t.Errorf("%s: Reasons makes %v allocations", c.name, n)
		}
	}
}

func BenchmarkParse(b *testing.B) {
	text := `{"Version":"2012-10-17","Statement":[` + strings.Repeat(`{"Effect":"Allow","Action":["s3:GetObject","s3:Put*"],"Resource":"arn:aws:s3:::b/*"`+usualConditions+`},`, 9) +
		`{"Effect":"Deny","Action":"*","Resource":"*"}]}`
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Parse(text, policy.Managed); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCacheHit(b *testing.B) {
	text := `{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}` + strings.Repeat(" ", 1900)
	cache := policy.NewCache(1 << 20)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cache.Parse(text, policy.Managed); err != nil {
			b.Fatal(err)
		}
	}
}
