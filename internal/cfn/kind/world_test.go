package kind_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/cfn/kind"
	"github.com/iamd-project/iamd/internal/cfn/tree"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/kept"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/op/optest"
	"github.com/iamd-project/iamd/internal/secrets"
	"github.com/iamd-project/iamd/internal/shapes"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
	secretshape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	ssmshape "github.com/iamd-project/iamd/internal/shapes/ssm"
	"github.com/iamd-project/iamd/internal/ssm"
)

// world is the services that handlers call, over a real store, with root as caller. It
// remembers what the calls of a step have changed, as the engine does, and can die
// between two of them.
type world struct {
	*optest.World
	t        *testing.T
	services map[string]op.Service // by operation
	byInput  map[reflect.Type]op.Operation

	memory map[string]any // replies of this step's writes, by operation and ordinal
	calls  map[string]int // of this run of the step, by operation
	left   int            // writes until it dies; negative for never
	steps  int
}

var errDied = errors.New("died")

func newWorld(t *testing.T) *world {
	w := &world{t: t, services: map[string]op.Service{}, byInput: map[reflect.Type]op.Operation{}, left: -1}
	all := op.Service{Quotas: op.Quotas{}}
	for _, s := range []op.Service{iam.Service(), secrets.Service(), ssm.Service(), kept.KMS(), kept.ECR()} {
		for _, o := range s.Operations {
			w.services[o.Name], w.byInput[o.Input] = s, o
		}
		all.Operations = append(all.Operations, s.Operations...)
		maps.Copy(all.Quotas, s.Quotas)
	}
	w.World = optest.New(t, all)
	w.Client.Via = []string{"cloudformation.amazonaws.com"}
	return w
}

func (w *world) Call(_ context.Context, in any) (any, error) {
	o, ok := w.byInput[reflect.TypeOf(in)]
	if !ok {
		w.t.Fatalf("no operation takes a %T", in)
	}
	if !o.Changes(in) {
		return w.run(o, in)
	}
	w.calls[o.Name]++
	key := fmt.Sprint(o.Name, w.calls[o.Name])
	if out, ok := w.memory[key]; ok {
		return out, nil
	}
	if w.left == 0 {
		return nil, errDied
	}
	out, err := w.run(o, in)
	if err == nil {
		w.left--
		w.memory[key] = out
	}
	return out, err
}

func (w *world) run(o op.Operation, in any) (any, error) {
	s := w.services[o.Name]
	if bad := shapes.Check(in.(shapes.Checkable), nil); len(bad) > 0 {
		return nil, awserr.Default(awserr.Refuse(awserr.Validation, "%s", s.Shape.Message(bad)), s.Spelling)
	}
	out, _, err := w.Do(w.Root(), o.Name, in)
	if err == nil {
		return out, nil
	}
	e, meant := awserr.Public(err, s.Spelling)
	if !meant {
		w.t.Fatalf("%s: %v", o.Name, err)
	}
	return nil, e
}

// step runs a step; one that dies after some writes is run again.
func (w *world) step(diesAfter int, fn func(token string) error) error {
	w.steps++
	w.memory, w.left = map[string]any{}, diesAfter
	token := fmt.Sprintf("00000000-0000-4000-8000-%012d", w.steps)
	for {
		w.calls = map[string]int{}
		err := fn(token)
		if !errors.Is(err, errDied) && !errors.Is(err, kind.ErrPending) {
			return err
		}
		w.left = -1
	}
}

// call makes a call that has to succeed.
func call[Out any](w *world, in any) *Out {
	w.t.Helper()
	w.calls, w.memory, w.left = map[string]int{}, map[string]any{}, -1
	out, err := kind.Do[Out](w.t.Context(), w, in)
	if err != nil {
		w.t.Fatalf("%T: %v", in, err)
	}
	return out
}

// resource is one of a type, with what its stack knows of it.
type resource struct {
	*world
	typ *kind.Type
	kind.Resource
	attrs     map[string]string
	diesAfter int
}

func (w *world) resource(typ string, tags ...kind.Tag) *resource {
	w.t.Helper()
	k := kind.Find(typ)
	if k == nil {
		w.t.Fatalf("no type %s", typ)
	}
	tags = slices.DeleteFunc(slices.Clone(tags), func(t kind.Tag) bool { // as the engine does
		return strings.HasPrefix(t.Key, "aws:") && !k.Schema.SystemTags
	})
	return &resource{world: w, typ: k, diesAfter: -1, Resource: kind.Resource{
		Account: optest.Account, Region: w.Region, Stack: "stack", Logical: "Thing",
		StackID: "arn:aws:cloudformation:us-east-1:123456789012:stack/stack/1", Tags: tags, WasTags: tags,
	}}
}

func (r *resource) node(text string) *tree.Node {
	r.t.Helper()
	n, err := tree.FromJSON([]byte(text))
	if err != nil {
		r.t.Fatalf("%s: %v", text, err)
	}
	n, bad := r.typ.Schema.Check(n)
	if len(bad) > 0 {
		r.t.Fatalf("%s: %q", text, bad)
	}
	return n
}

// keep notes what a handler returned.
func (r *resource) keep(made kind.Result) {
	r.Physical = cmp.Or(made.Physical, r.Physical)
	if made.Attrs != nil {
		r.attrs = made.Attrs
	}
}

func (r *resource) create(want string) error {
	n := r.node(want)
	if err := r.typ.Refuses(nil, n); err != nil {
		return err
	}
	return r.step(r.diesAfter, func(token string) error {
		r.Token, r.Now = token, r.World.Now
		made, err := r.typ.Create(r.t.Context(), r.world, r.Resource, n)
		if !errors.Is(err, errDied) {
			r.keep(made)
		}
		return err
	})
}

func (r *resource) update(was, want string) error {
	before, after := r.node(was), r.node(want)
	if err := r.typ.Refuses(before, after); err != nil {
		return err
	}
	err := r.step(r.diesAfter, func(token string) error {
		r.Token, r.Now = token, r.World.Now
		made, err := r.typ.Update(r.t.Context(), r.world, r.Resource, before, after)
		if err == nil {
			r.keep(made)
		}
		return err
	})
	r.WasTags = r.Tags
	return err
}

func (r *resource) delete(was string) error {
	return r.step(r.diesAfter, func(token string) error {
		r.Token = token
		return r.typ.Delete(r.t.Context(), r.world, r.Resource, r.node(was))
	})
}

// read is what the type reads of the properties that was has; nil for what is gone.
func (r *resource) read(was string) *tree.Node {
	r.t.Helper()
	n := r.node(was)
	is, made, err := r.typ.Read(r.t.Context(), r.world, r.Resource, n)
	if err != nil {
		r.t.Fatalf("reading: %v", err)
	}
	if is == nil {
		return nil
	}
	if made.Physical != r.Physical {
		r.t.Errorf("read %s as %s", r.Physical, made.Physical)
	}
	var fields []tree.Field
	for _, f := range n.Fields {
		if value := is.Get(f.Key); value != nil {
			fields = append(fields, tree.Field{Key: f.Key, Value: value})
		}
	}
	return tree.MapOf(fields...)
}

// show is all that there is in the services, as their own operations tell it, without
// what is another each time.
func (w *world) show() string {
	w.t.Helper()
	var all []any
	all = append(all, call[iamshape.GetAccountAuthorizationDetailsResponse](w, &iamshape.GetAccountAuthorizationDetailsRequest{
		Filter: []string{"User", "Role", "Group", "LocalManagedPolicy"},
	}))
	for _, u := range call[iamshape.ListUsersResponse](w, &iamshape.ListUsersRequest{}).Users {
		if out, _, err := w.Do(w.Root(), "GetLoginProfile", &iamshape.GetLoginProfileRequest{UserName: u.UserName}); err == nil {
			all = append(all, out)
		}
	}
	for _, p := range call[iamshape.ListInstanceProfilesResponse](w, &iamshape.ListInstanceProfilesRequest{}).InstanceProfiles {
		all = append(all, p)
	}
	for _, p := range call[iamshape.ListOpenIDConnectProvidersResponse](w, &iamshape.ListOpenIDConnectProvidersRequest{}).OpenIDConnectProviderList {
		all = append(all, call[iamshape.GetOpenIDConnectProviderResponse](w, &iamshape.GetOpenIDConnectProviderRequest{OpenIDConnectProviderArn: *p.Arn}))
	}
	for _, p := range call[iamshape.ListSAMLProvidersResponse](w, &iamshape.ListSAMLProvidersRequest{}).SAMLProviderList {
		all = append(all, call[iamshape.GetSAMLProviderResponse](w, &iamshape.GetSAMLProviderRequest{SAMLProviderArn: *p.Arn}))
	}
	for _, d := range call[iamshape.ListVirtualMFADevicesResponse](w, &iamshape.ListVirtualMFADevicesRequest{}).VirtualMFADevices {
		all = append(all, d, call[iamshape.ListMFADeviceTagsResponse](w, &iamshape.ListMFADeviceTagsRequest{SerialNumber: d.SerialNumber}))
	}
	for _, c := range call[iamshape.ListServerCertificatesResponse](w, &iamshape.ListServerCertificatesRequest{}).ServerCertificateMetadataList {
		all = append(all, call[iamshape.GetServerCertificateResponse](w, &iamshape.GetServerCertificateRequest{ServerCertificateName: c.ServerCertificateName}))
	}
	all = append(all, w.secrets()...)
	for _, p := range call[ssmshape.DescribeParametersResult](w, &ssmshape.DescribeParametersRequest{}).Parameters {
		all = append(all, p, call[ssmshape.GetParameterResult](w, &ssmshape.GetParameterRequest{Name: *p.Name}),
			call[ssmshape.ListTagsForResourceResult](w, &ssmshape.ListTagsForResourceRequest{ResourceType: "Parameter", ResourceId: *p.Name}))
	}
	return plain(w.t, all)
}

func (w *world) secrets() []any {
	var all []any
	for _, s := range call[secretshape.ListSecretsResponse](w, &secretshape.ListSecretsRequest{}).SecretList {
		all = append(all, call[secretshape.DescribeSecretResponse](w, &secretshape.DescribeSecretRequest{SecretId: *s.ARN}),
			call[secretshape.GetResourcePolicyResponse](w, &secretshape.GetResourcePolicyRequest{SecretId: *s.ARN}))
		if value, _, err := w.Do(w.Root(), "GetSecretValue", &secretshape.GetSecretValueRequest{SecretId: *s.ARN}); err == nil {
			all = append(all, value)
		}
	}
	return all
}

// random is what differs although two things are the same.
var random = regexp.MustCompile(`^(.*Date|.*Id|.*UUID|Timestamp|VersionStages|VersionIdsToStages|Version|PolicyVersionList|CertificateBody|PrivateKeyList|SAMLMetadataDocument|ValidUntil)$`)

var secretARN = regexp.MustCompile(`(:secret:[^"]*)-\w{6}"`)

func plain(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var tangle any
	if err := json.Unmarshal(text, &tangle); err != nil {
		t.Fatal(err)
	}
	for i, reply := range tangle.([]any) { // these are in order
		tangle.([]any)[i] = strip(reply)
	}
	text, err = json.Marshal(tangle)
	if err != nil {
		t.Fatal(err)
	}
	return secretARN.ReplaceAllString(string(text), `$1"`)
}

func strip(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = strip(v[i])
		}
		slices.SortFunc(v, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	case map[string]any:
		for key, value := range v {
			if value == nil || value == "" || random.MatchString(key) && key != "KeyId" && key != "KmsKeyId" {
				delete(v, key)
				continue
			}
			v[key] = strip(value)
		}
	}
	return v
}
