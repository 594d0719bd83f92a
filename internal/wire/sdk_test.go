package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdkcfn "github.com/aws/aws-sdk-go-v2/service/cloudformation"
	sdkiam "github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	sdksm "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	sdkssm "github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	sdksts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/shapes"
	"github.com/iamd-project/iamd/internal/wire"
)

const requestID = "9d478fc1-4f10-490f-b26b-292c0cd5bb2c"

func newError(status int, code, message string) *awserr.Error {
	return &awserr.Error{Status: status, Code: code, Message: message}
}

// answerer is a server whose answer to any operation is a filled output, or
// refuse if that is not nil. It keeps the last output it wrote.
type answerer struct {
	t      *testing.T
	refuse *awserr.Error
	sent   any
}

func (a *answerer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	req, err := wire.Open(r, body)
	if err != nil {
		a.t.Errorf("reading the SDK's request: %v", err)
		return
	}
	defer req.Close()
	for _, svc := range services {
		if svc.Protocol != req.Protocol || svc.Version != req.Version && req.Target != svc.TargetPrefix {
			continue
		}
		for _, op := range svc.Operations {
			if op.Name == req.Operation {
				a.answer(w, wire.For(svc.Service), &op, &req)
				return
			}
		}
	}
	a.t.Errorf("no such operation: %+v", req)
}

func (a *answerer) answer(w http.ResponseWriter, p wire.Protocol, op *shapes.Operation, req *wire.Request) {
	if absent, err := req.Decode(op.Input()); err != nil || absent != nil {
		a.t.Errorf("%s: absent %v, %v", op.Name, absent, err)
	}
	p.Header(w.Header(), requestID, a.refuse)
	if a.refuse != nil {
		w.WriteHeader(a.refuse.Status)
		w.Write(p.Error(nil, requestID, a.refuse))
		return
	}
	a.sent = nil
	if op.Output != nil {
		a.sent = op.Output()
		fill(reflect.ValueOf(a.sent).Elem(), 0)
	}
	w.Write(p.Reply(nil, op, requestID, a.sent))
}

// awkward is text that each protocol has to escape.
const awkward = "a<b>&\"c\" 'd'\t\r\n\u00e9\u2028\U0001F511 ]]> \\ %41+"

// fill sets everything in v to something.
func fill(v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case time.Time:
		v.Set(reflect.ValueOf(time.Date(2026, 3, 9, 18, 39, 23, 0, time.UTC)))
		return
	case []byte:
		v.SetBytes([]byte{0, 1, 254, 255})
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(awkward)
	case reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Float64:
		v.SetFloat(12.5)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Pointer:
		if depth < 12 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), depth+1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), depth+1)
		fill(v.Index(1), depth+1)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for _, key := range []string{"k<1>", "k2"} {
			elem := reflect.New(v.Type().Elem()).Elem()
			fill(elem, depth+1)
			v.SetMapIndex(reflect.ValueOf(key), elem)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), depth+1)
		}
	}
}

// same compares a value of ours with the SDK's, member by member. The SDK has
// pointers and names of its own for enumerations where we have values.
func same(t *testing.T, at string, ours, theirs reflect.Value) {
	t.Helper()
	for ours.Kind() == reflect.Pointer {
		ours = ours.Elem()
	}
	for theirs.Kind() == reflect.Pointer {
		theirs = theirs.Elem()
	}
	if !ours.IsValid() || !theirs.IsValid() {
		if ours.IsValid() != theirs.IsValid() {
			t.Errorf("%s: ours %v, the SDK's %v", at, ours, theirs)
		}
		return
	}
	switch want := ours.Interface().(type) {
	case time.Time:
		if !want.Equal(theirs.Interface().(time.Time)) {
			t.Errorf("%s: ours %v, the SDK's %v", at, want, theirs)
		}
		return
	case []byte:
		if got := theirs.Bytes(); string(got) != string(want) {
			t.Errorf("%s: ours %q, the SDK's %q", at, want, got)
		}
		return
	}
	switch ours.Kind() {
	case reflect.Struct:
		for i := range ours.NumField() {
			name, _, _ := strings.Cut(ours.Type().Field(i).Tag.Get("aws"), ",")
			field := theirs.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) })
			if !field.IsValid() {
				t.Errorf("%s: the SDK has no %s", at, name)
				continue
			}
			same(t, at+"."+name, ours.Field(i), field)
		}
	case reflect.Slice:
		if ours.Len() != theirs.Len() {
			t.Errorf("%s: ours has %d elements, the SDK's %d", at, ours.Len(), theirs.Len())
			return
		}
		for i := range ours.Len() {
			same(t, at+"[]", ours.Index(i), theirs.Index(i))
		}
	case reflect.Map:
		if ours.Len() != theirs.Len() {
			t.Errorf("%s: ours has %d entries, the SDK's %d", at, ours.Len(), theirs.Len())
		}
		for _, k := range ours.MapKeys() {
			same(t, at+"["+k.String()+"]", ours.MapIndex(k), theirs.MapIndex(k.Convert(theirs.Type().Key())))
		}
	default:
		if !ours.CanConvert(theirs.Type()) || ours.Convert(theirs.Type()).Interface() != theirs.Interface() {
			t.Errorf("%s: ours %q, the SDK's %q", at, ours, theirs)
		}
	}
}

type clients struct {
	iam *sdkiam.Client
	sts *sdksts.Client
	cfn *sdkcfn.Client
	sm  *sdksm.Client
	ssm *sdkssm.Client
}

// patient tries again at once. The SDK may close a request's body while the last
// of it is being sent, and then its own connection is lost: on a busy machine
// that happens to one call in a thousand.
func patient() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) { o.MaxAttempts, o.MaxBackoff = 4, time.Millisecond })
}

func serve(t *testing.T, a *answerer) clients {
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	cfg := aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, HTTPClient: server.Client(),
		Retryer: patient,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAIOSFODNN7EXAMPLE", SecretAccessKey: "not a secret"}, nil
		}),
	}
	return clients{sdkiam.NewFromConfig(cfg), sdksts.NewFromConfig(cfg), sdkcfn.NewFromConfig(cfg), sdksm.NewFromConfig(cfg), sdkssm.NewFromConfig(cfg)}
}

// TestReplies calls every operation of five services through the SDK's clients
// and wants them to read what we wrote.
func TestReplies(t *testing.T) {
	a := &answerer{t: t}
	c := serve(t, a)
	checked := 0
	for _, client := range []any{c.iam, c.sts, c.cfn, c.sm, c.ssm} {
		v := reflect.ValueOf(client)
		for i := range v.NumMethod() {
			method, name := v.Method(i), v.Type().Method(i).Name
			if name == "Options" || !served(v.Type(), name) {
				continue
			}
			in := reflect.New(method.Type().In(1).Elem())
			fillSDK(in.Elem(), 0)
			got := method.CallSlice([]reflect.Value{reflect.ValueOf(t.Context()), in, reflect.Zero(method.Type().In(2))})
			if err, _ := got[1].Interface().(error); err != nil {
				t.Errorf("%s %s: %v", v.Type(), name, err)
				continue
			}
			if a.sent != nil {
				same(t, name, reflect.ValueOf(a.sent), got[0])
			}
			checked++
		}
	}
	if want := 176 + 11 + 90 + 23 + 13; checked != want {
		t.Errorf("checked %d replies, want %d", checked, want)
	}
}

// served reports whether a method of an SDK client is an operation of ours.
func served(client reflect.Type, name string) bool {
	for _, svc := range services {
		if !strings.HasSuffix(client.Elem().PkgPath(), "/"+svc.module) {
			continue
		}
		for _, op := range svc.Operations {
			if op.Name == name {
				return true
			}
		}
	}
	return false
}

// fillSDK sets everything in an SDK input to something that it will send.
func fillSDK(v reflect.Value, depth int) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		v.Set(reflect.ValueOf(time.Unix(1436312345, 0)))
	case v.Kind() == reflect.String:
		v.SetString("x")
	case v.Kind() == reflect.Pointer && depth < 8:
		v.Set(reflect.New(v.Type().Elem()))
		fillSDK(v.Elem(), depth+1)
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fillSDK(v.Index(0), depth+1)
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		elem := reflect.New(v.Type().Elem()).Elem()
		fillSDK(elem, depth+1)
		v.SetMapIndex(reflect.ValueOf("k").Convert(v.Type().Key()), elem)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fillSDK(v.Field(i), depth+1)
			}
		}
	}
}

// TestErrors wants our refusals to become the SDK's typed errors.
func TestErrors(t *testing.T) {
	a := &answerer{t: t}
	c := serve(t, a)
	ctx := t.Context()
	tests := []struct {
		refuse *awserr.Error
		call   func() error
		as     func(error) bool
	}{
		{newError(404, "NoSuchEntity", "The user with name "+awkward+" cannot be found."),
			func() error { _, err := c.iam.GetUser(ctx, &sdkiam.GetUserInput{}); return err },
			is[*iamtypes.NoSuchEntityException]},
		{newError(409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2"),
			func() error { _, err := c.iam.CreateAccessKey(ctx, &sdkiam.CreateAccessKeyInput{}); return err },
			is[*iamtypes.LimitExceededException]},
		{newError(409, "EntityAlreadyExists", "User with name bob already exists."),
			func() error {
				_, err := c.iam.CreateUser(ctx, &sdkiam.CreateUserInput{UserName: aws.String("bob")})
				return err
			},
			is[*iamtypes.EntityAlreadyExistsException]},
		{newError(500, "ServiceFailure", "It did not work."),
			func() error { _, err := c.iam.GetUser(ctx, &sdkiam.GetUserInput{}); return err },
			is[*iamtypes.ServiceFailureException]},
		{newError(403, "AccessDenied", "not authorized"),
			func() error {
				_, err := c.sts.GetCallerIdentity(ctx, &sdksts.GetCallerIdentityInput{})
				return err
			},
			is[smithy.APIError]},
		{newError(400, "ValidationError", "Stack with id x does not exist"),
			func() error { _, err := c.cfn.DescribeStacks(ctx, &sdkcfn.DescribeStacksInput{}); return err },
			is[smithy.APIError]},
		{newError(400, "ResourceNotFoundException", "Secrets Manager can't find the specified "+awkward),
			func() error {
				_, err := c.sm.GetSecretValue(ctx, &sdksm.GetSecretValueInput{SecretId: aws.String("x")})
				return err
			},
			is[*smtypes.ResourceNotFoundException]},
		{newError(400, "ParameterNotFound", ""),
			func() error {
				_, err := c.ssm.GetParameter(ctx, &sdkssm.GetParameterInput{Name: aws.String("x")})
				return err
			},
			is[*ssmtypes.ParameterNotFound]},
	}
	for _, tt := range tests {
		a.refuse = tt.refuse
		err := tt.call()
		if !tt.as(err) {
			t.Errorf("%s: got %T %v", tt.refuse.Code, err, err)
			continue
		}
		api, _ := errors.AsType[smithy.APIError](err)
		if api.ErrorCode() != tt.refuse.Code && !strings.HasPrefix(api.ErrorCode(), tt.refuse.Code) || api.ErrorMessage() != tt.refuse.Message {
			t.Errorf("%s: got %q %q, want %q", tt.refuse.Code, api.ErrorCode(), api.ErrorMessage(), tt.refuse.Message)
		}
		if r, ok := errors.AsType[*awshttp.ResponseError](err); !ok || r.RequestID != requestID || r.HTTPStatusCode() != tt.refuse.Status {
			t.Errorf("%s: got %v, want request id %s", tt.refuse.Code, err, requestID)
		}
		if fault := api.ErrorFault(); tt.refuse.Status >= 500 && fault != smithy.FaultServer {
			t.Errorf("%s: got fault %v", tt.refuse.Code, fault)
		}
	}
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
