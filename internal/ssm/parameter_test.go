package ssm_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op/optest"
	shape "github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/store"
)

func TestParameterLife(t *testing.T) {
	w := newWorld(t)
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "/app/db"}, "ParameterNotFound", "")
	out := call[shape.PutParameterResult](w, "PutParameter", &shape.PutParameterRequest{
		Name: " /app/db ", Value: "one", Type: new("String"), Description: new("a database"), Tags: []shape.Tag{{Key: "Team", Value: "a"}},
	})
	if *out.Version != 1 || *out.Tier != "Standard" {
		t.Errorf("PutParameter replied %d, %s", *out.Version, *out.Tier)
	}
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "/app/db", Value: "two", Type: new("String")},
		"ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	w.Now = w.Now.Add(time.Hour)
	if n := w.put("/app/db", "two"); n != 2 {
		t.Errorf("the second version is %d", n)
	}

	const arn = "arn:aws:ssm:us-east-1:123456789012:parameter/app/db"
	p := w.get(arn)
	if *p.Name != "/app/db" || *p.ARN != arn || *p.Value != "two" || *p.Version != 2 || *p.Type != "String" || *p.DataType != "text" ||
		!p.LastModifiedDate.Equal(w.Now) || p.Selector != nil {
		t.Errorf("GetParameter replied %+v", p)
	}
	if p := w.get("/app/db:1"); *p.Value != "one" || *p.Selector != ":1" {
		t.Errorf("version 1 is %+v", p)
	}
	if got := w.value(arn + ":1"); got != "one" {
		t.Errorf("version 1 by ARN is %s", got)
	}
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "/app/db:3"},
		"ParameterVersionNotFound", "Systems Manager could not find version 3 of /app/db. Verify the version and try again.")
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "/app/db:1:2"},
		"ValidationException", "Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>")
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "/app/db:none"},
		"ParameterVersionNotFound", "Systems Manager could not find label none of /app/db. Verify the label and try again.")

	h := call[shape.GetParameterHistoryResult](w, "GetParameterHistory", &shape.GetParameterHistoryRequest{Name: "/app/db"}).Parameters
	if len(h) != 2 || *h[0].Value != "one" || *h[1].Value != "two" || *h[1].Description != "a database" || *h[0].LastModifiedUser != "arn:aws:iam::123456789012:root" {
		t.Errorf("the history is %+v", h)
	}

	call[shape.DeleteParameterResult](w, "DeleteParameter", &shape.DeleteParameterRequest{Name: "/app/db"})
	for _, name := range []string{"/app/db", "/app/db:1"} {
		w.refuses("GetParameter", &shape.GetParameterRequest{Name: name}, "ParameterNotFound", "")
	}
	w.refuses("DeleteParameter", &shape.DeleteParameterRequest{Name: "/app/db"}, "ParameterNotFound", "")
	w.refuses("GetParameterHistory", &shape.GetParameterHistoryRequest{Name: "/app/db"}, "ParameterNotFound", "")
	if n := w.put("/app/db", "again"); n != 1 {
		t.Errorf("a parameter made again begins at version %d", n)
	}
}

func TestSecureString(t *testing.T) {
	w := newWorld(t)
	secure := func(in *shape.PutParameterRequest) { in.Type = new("SecureString") }
	w.put("token", "plain-secret", secure)
	w.put("token", "plain-secret", secure)
	seen := map[string]bool{}
	for _, name := range []string{"token", "token:1"} {
		p := call[shape.GetParameterResult](w, "GetParameter", &shape.GetParameterRequest{Name: name}).Parameter
		if raw, err := base64.StdEncoding.DecodeString(*p.Value); err != nil || strings.Contains(string(raw), "plain-secret") {
			t.Errorf("%s without decryption is %s", name, *p.Value)
		}
		seen[*p.Value] = true
		if got := w.value(name); got != "plain-secret" {
			t.Errorf("%s is %s", name, got)
		}
	}
	if len(seen) != 2 {
		t.Error("two versions have one ciphertext")
	}
	m := call[shape.DescribeParametersResult](w, "DescribeParameters", &shape.DescribeParametersRequest{}).Parameters[0]
	if *m.KeyId != "alias/aws/ssm" {
		t.Errorf("its key is %s", *m.KeyId)
	}
	w.put("token", "plain-secret", secure, func(in *shape.PutParameterRequest) { in.KeyId = new("alias/own") })
	w.put("token", "other") // a String now
	if m = call[shape.DescribeParametersResult](w, "DescribeParameters", &shape.DescribeParametersRequest{}).Parameters[0]; m.KeyId != nil {
		t.Errorf("a String has key %s", *m.KeyId)
	}
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "a", Value: "v", Type: new("String"), KeyId: new("k")},
		"ValidationException", "KeyId is required for SecureString type parameter only.")

	// Nothing in the store shows the secret.
	err := w.Store.View(t.Context(), func(r store.Reader) error {
		for pair, err := range r.Scan("a", "z") {
			if err != nil || strings.Contains(string(pair.Value), "plain-secret") {
				return fmt.Errorf("%s shows the secret (%v)", pair.Key, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	w := newWorld(t)
	const (
		path = `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; ` +
			`each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`
		flat = `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`
	)
	prefix := len("arn:aws:ssm:us-east-1:123456789012:parameter/")
	for _, tc := range []struct{ name, code, message string }{
		{"a/b", "ValidationException", "Parameter name must be a fully qualified name"},
		{"ssm-x", "ValidationException", flat},
		{"/AWS", "ValidationException", flat},
		{"/Ssm/x", "ValidationException", path},
		{"/awsome/lab", "AccessDeniedException", "No access to reserved parameter name: awsome/lab."},
		{"/a/b c", "ValidationException", path},
		{"/a/", "ValidationException", path},
		{"//a", "ValidationException", path},
		{"a@b", "ValidationException", path},
		{"  ", "ValidationException", path},
		{strings.Repeat("/a", 16), "HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of 15 levels."},
		{strings.Repeat("x", 1012-prefix), "ValidationException", "Parameter name: can't be longer than 1011 characters, together with the parts of its ARN before it."},
	} {
		w.refuses("PutParameter", &shape.PutParameterRequest{Name: tc.name, Value: "v", Type: new("String")}, tc.code, tc.message)
	}
	for _, name := range []string{"Case", "case", strings.Repeat("/a", 15), strings.Repeat("x", 1011-prefix), "/x/.-_9"} {
		w.put(name, "value of "+name)
		if got := w.value(name); got != "value of "+name {
			t.Errorf("%s is %q", name, got)
		}
	}
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "x/y"}, "ValidationException", path)
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "arn:aws:sqs:us-east-1:123456789012:parameter/a"}, "ValidationException", path)
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "/aws/service/x"}, "ParameterNotFound", "")
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: strings.Repeat("y", 2048)}, "ParameterNotFound", "")
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "arn:aws:ssm:eu-west-1:123456789012:parameter/Case"}, "ParameterNotFound", "")

	// A leading slash makes no other parameter.
	w.refuses("PutParameter", &shape.PutParameterRequest{Name: "/Case", Value: "v", Type: new("String")},
		"ParameterAlreadyExists", "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.")
	if p := w.get("/Case"); *p.Name != "Case" {
		t.Errorf("/Case is %s", *p.Name)
	}
}

func TestGetParameters(t *testing.T) {
	w := newWorld(t)
	w.put("a", "1")
	w.put("b", "2")
	out := call[shape.GetParametersResult](w, "GetParameters", &shape.GetParametersRequest{Names: []string{"b:1", "none", "a", "a:2", "a"}})
	if got := names(out.Parameters, func(p shape.Parameter) *string { return p.Value }); !reflect.DeepEqual(got, []string{"2", "1"}) {
		t.Errorf("values %q", got)
	}
	if !reflect.DeepEqual(out.InvalidParameters, []string{"none", "a:2"}) {
		t.Errorf("invalid %q", out.InvalidParameters)
	}
	gone := call[shape.DeleteParametersResult](w, "DeleteParameters", &shape.DeleteParametersRequest{Names: []string{"a", "a", "c", "b"}})
	if fmt.Sprint(gone.DeletedParameters, gone.InvalidParameters) != "[a b] [a c]" {
		t.Errorf("DeleteParameters replied %+v", gone)
	}
}

func TestSecretReferences(t *testing.T) {
	w := newWorld(t)
	const name = "/aws/reference/secretsmanager/mine"
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: name}, "ValidationException", "WithDecryption flag must be True for retrieving a Secret Manager secret.")
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: name + ":a:b"}, "ValidationException",
		"Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>")
}

// Ten parameters of a hundred versions are more than one transaction can remove.
func TestDeletedVersionsAreSwept(t *testing.T) {
	w := newWorld(t)
	var list []string
	for i := range 10 {
		list = append(list, fmt.Sprintf("p%d", i))
		for n := range 30 {
			w.put(list[i], fmt.Sprint(n))
		}
	}
	call[shape.DeleteParametersResult](w, "DeleteParameters", &shape.DeleteParametersRequest{Names: list})
	w.refuses("GetParameter", &shape.GetParameterRequest{Name: "p9:30"}, "ParameterNotFound", "")
	for range 10 {
		w.put("other", "v")
	}
	left := 0
	err := w.Store.View(context.WithoutCancel(t.Context()), func(r store.Reader) error {
		for _, err := range r.Scan("parametergone/", "parametergone0") {
			left++
			if err != nil {
				return err
			}
		}
		n, err := directory.ParametersIn(r, optest.Account, "us-east-1")
		if n != (directory.ParameterCount{Standard: 1}) {
			t.Errorf("there are %+v", n)
		}
		return err
	})
	if err != nil || left != 0 {
		t.Errorf("%d deleted parameters are left (%v)", left, err)
	}
}
