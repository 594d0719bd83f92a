package wire_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/wire"
)

func operation(b *testing.B, svc *shapes.Service, name string) *shapes.Operation {
	for i := range svc.Operations {
		if svc.Operations[i].Name == name {
			return &svc.Operations[i]
		}
	}
	b.Fatalf("no operation %s", name)
	return nil
}

func benchOpen(b *testing.B, header http.Header, body string, input func() any) {
	r := &http.Request{Method: "POST", URL: &url.URL{Path: "/"}, Header: header}
	raw := []byte(body)
	b.ReportAllocs()
	for b.Loop() {
		req, err := wire.Open(r, raw)
		if err != nil {
			b.Fatal(err)
		}
		if absent, err := req.Decode(input()); err != nil || absent != nil {
			b.Fatal(absent, err)
		}
		req.Close()
	}
}

var formHeader = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

func BenchmarkOpenGetUser(b *testing.B) {
	benchOpen(b, formHeader, "Action=GetUser&UserName=bob&Version=2010-05-08", func() any { return new(iam.GetUserRequest) })
}

func BenchmarkOpenCreateUser(b *testing.B) {
	benchOpen(b, formHeader, "Action=CreateUser&Path=%2Fteam%2F&Tags.member.1.Key=k1&Tags.member.1.Value=v1&Tags.member.2.Key=k2&Tags.member.2.Value=v2&UserName=bob&Version=2010-05-08",
		func() any { return new(iam.CreateUserRequest) })
}

func BenchmarkOpenCreateSecret(b *testing.B) {
	benchOpen(b, http.Header{"Content-Type": {"application/x-amz-json-1.1"}, "X-Amz-Target": {"secretsmanager.CreateSecret"}},
		`{"ClientRequestToken":"9d478fc1-4f10-490f-b26b-292c0cd5bb2c","Name":"db","SecretString":"{\"user\":\"a\"}","Tags":[{"Key":"k1","Value":"v1"},{"Key":"k2","Value":"v2"}]}`,
		func() any { return new(secretsmanager.CreateSecretRequest) })
}

func BenchmarkReplyGetUser(b *testing.B) {
	p := wire.For(&iam.Service)
	op := operation(b, &iam.Service, "GetUser")
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	out := &iam.GetUserResponse{User: &iam.User{
		Arn: "arn:aws:iam::123456789012:user/bob", CreateDate: now, PasswordLastUsed: &now, Path: ptr("/"), UserId: "AIDAIOSFODNN7EXAMPLE", UserName: ptr("bob"),
		Tags: []iam.Tag{{Key: "team", Value: "a & b"}},
	}}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = p.Reply(buf[:0], op, requestID, out)
	}
}

func BenchmarkReplyGetSecretValue(b *testing.B) {
	p := wire.For(&secretsmanager.Service)
	op := operation(b, &secretsmanager.Service, "GetSecretValue")
	now := time.Date(2026, 1, 1, 0, 0, 0, 5e6, time.UTC)
	out := &secretsmanager.GetSecretValueResponse{ARN: ptr("arn:aws:secretsmanager:us-east-1:123456789012:secret:db-abcdef"), CreatedDate: &now, Name: ptr("db"),
		SecretString: ptr(`{"user":"a"}`), VersionId: ptr("9d478fc1-4f10-490f-b26b-292c0cd5bb2c"), VersionStages: []string{"AWSCURRENT"}}
	buf := make([]byte, 0, 4096)
	b.ReportAllocs()
	for b.Loop() {
		buf = p.Reply(buf[:0], op, requestID, out)
	}
}
