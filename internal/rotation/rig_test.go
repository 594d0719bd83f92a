package rotation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/iamd-project/iamd/internal/audit"
	"github.com/iamd-project/iamd/internal/authn"
	"github.com/iamd-project/iamd/internal/authz"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/gateway"
	"github.com/iamd-project/iamd/internal/iam"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/rotation"
	"github.com/iamd-project/iamd/internal/seal"
	"github.com/iamd-project/iamd/internal/secrets"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
	"github.com/iamd-project/iamd/internal/store/pebble"
	"github.com/iamd-project/iamd/internal/sts"
	"github.com/iamd-project/iamd/policy"
	"github.com/iamd-project/iamd/sigv4"
)

const (
	account ids.Account = "123456789012"
	region  string      = "us-east-1"
)

var function = rotation.Function(account, region)

// rig is a gateway with what rotations need, in a bubble whose time is not real.
type rig struct {
	t     *testing.T
	store store.Store
	ring  *seal.Keyring
	gate  *gateway.Gateway
	mu    sync.Mutex   // guards lines
	lines bytes.Buffer // of the audit trail
	usage *authn.Usage
	root  directory.Standing

	engine *rotation.Engine
	stop   func() // the engine
}

// inBubble runs a test with a rig, whose data doctor must find in order at the end.
func inBubble(t *testing.T, fn func(r *rig)) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		fn(r)
		r.stop()
		r.doctor()
	})
}

// elapse lets time of the bubble go by, which takes none, and waits until all that was
// due by then is over.
func elapse(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func newRig(t *testing.T) *rig {
	t.Helper()
	db, err := pebble.Open(t.TempDir(), pebble.Options{InMemory: true, Still: true})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, store: db, root: directory.Standing{Account: account}, stop: func() {}}
	r.ring, err = seal.NewKeyring()
	r.must(err)
	r.must(db.Update(t.Context(), func(tx store.Tx) error {
		return directory.PutAccount(tx, &directory.Account{ID: account, Created: directory.At(time.Now())})
	}))
	log := slog.New(slog.DiscardHandler)
	r.usage = authn.NewUsage(db, log)
	drain := audit.StartDrain(audit.DrainConfig{Store: db, Sink: r, Poll: 1000 * time.Hour})
	t.Cleanup(func() {
		r.stop()
		r.must(drain.Close(context.Background()))
		r.must(db.Close())
	})
	keyring := func() *seal.Keyring { return r.ring }
	records := directory.Cached(db, 1024)
	r.gate = &gateway.Gateway{
		Store:   records,
		Keyring: keyring,
		Authn:   &authn.Authenticator{Store: records, Keyring: keyring, Rules: &sigv4.Verifier{}, Keys: sigv4.NewKeyCache(16)},
		Authz:   &authz.Authorizer{Documents: policy.NewCache(1 << 20)},
		Usage:   r.usage, Trail: audit.NewTrail(r), Drain: drain, Account: account, Now: time.Now, Log: log,
	}
	r.gate.Registry, err = gateway.NewRegistry([]op.Service{iam.Service(), sts.Service(), secrets.ServiceRotating(r)})
	r.must(err)
	r.run(r, r.store)
	return r
}

// run starts an engine, which makes its calls and its changes by way of what it is given.
func (r *rig) run(calls rotation.Calls, s store.Store) {
	r.engine = &rotation.Engine{
		Store: s, Keyring: r.gate.Keyring, Calls: calls, Door: r.gate, Flush: r.usage.Flush, Now: time.Now,
		Events: func(tx store.Tx, e *rotation.Event) error {
			return audit.Stage(tx, &audit.Record{EventID: ids.Source{}.UUID(), Time: e.Time, Source: rotation.Service, Name: e.Name, Details: e.Details})
		},
	}
	ctx, cancel := context.WithCancel(r.t.Context())
	var running sync.WaitGroup
	running.Go(func() { r.engine.Run(ctx) })
	r.stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	synctest.Wait()
}

// Finish and Wake are those of the engine that runs.
func (r *rig) Finish(ctx context.Context, s *directory.Secret) { r.engine.Finish(ctx, s) }
func (r *rig) Wake()                                           { r.engine.Wake() }

// Call implements rotation.Calls.
func (r *rig) Call(ctx context.Context, as *directory.Standing, region, token string, in any) (any, error) {
	return r.gate.Call(ctx, &gateway.Inside{As: *as, By: rotation.Service, Region: region, In: in, Token: token})
}

// Write and Close implement audit.Sink.
func (r *rig) Write(_ context.Context, lines []byte, _ int, _ bool) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines.Write(lines)
	return nil
}
func (r *rig) Close() error { return nil }

// events are the events of the service so far, with their times and details.
func (r *rig) events() (list []event) {
	r.t.Helper()
	r.gate.Drain.Wake()
	elapse(time.Second)
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(r.lines.String()) {
		var e event
		r.must(json.Unmarshal([]byte(line), &e))
		if e.Type == "AwsServiceEvent" {
			list = append(list, e)
		}
	}
	return list
}

type event struct {
	Name    string         `json:"eventName"`
	Type    string         `json:"eventType"`
	Time    time.Time      `json:"eventTime"`
	Details map[string]any `json:"additionalEventData"`
}

// names are the names of events in order.
func names(list []event) string {
	var b strings.Builder
	for _, e := range list {
		b.WriteString(strings.TrimPrefix(e.Name, "Rotation") + " ")
	}
	return strings.TrimSpace(b.String())
}

func (r *rig) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// as makes a call as somebody.
func as[Out any](r *rig, who directory.Standing, in any) (*Out, error) {
	out, err := r.Call(context.WithoutCancel(r.t.Context()), &who, region, "", in)
	if err != nil {
		return nil, err
	}
	return out.(*Out), nil
}

// do makes a call as root that has to succeed.
func do[Out any](r *rig, in any) *Out {
	r.t.Helper()
	out, err := as[Out](r, r.root, in)
	if err != nil {
		r.t.Fatalf("%s: %v", reflect.TypeOf(in), err)
	}
	return out
}

// bob makes a user with a key, which a secret named s holds, with these tags.
func (r *rig) bob(tags ...string) {
	r.t.Helper()
	do[iamshape.CreateUserResponse](r, &iamshape.CreateUserRequest{UserName: "Bob"})
	key := do[iamshape.CreateAccessKeyResponse](r, &iamshape.CreateAccessKeyRequest{UserName: new("Bob")}).AccessKey
	value, err := json.Marshal(map[string]any{"UserName": "Bob", "AccessKeyId": key.AccessKeyId, "SecretAccessKey": key.SecretAccessKey, "port": 5})
	r.must(err)
	in := &shape.CreateSecretRequest{Name: "s", SecretString: new(string(value)), ClientRequestToken: new(ids.Source{}.UUID())}
	for i := 0; i < len(tags); i += 2 {
		in.Tags = append(in.Tags, shape.Tag{Key: &tags[i], Value: &tags[i+1]})
	}
	do[shape.CreateSecretResponse](r, in)
}

// rotate asks for a rotation.
func (r *rig) rotate(change func(in *shape.RotateSecretRequest)) (*shape.RotateSecretResponse, error) {
	in := &shape.RotateSecretRequest{SecretId: "s", ClientRequestToken: new(ids.Source{}.UUID()), RotationLambdaARN: &function}
	if change != nil {
		change(in)
	}
	return as[shape.RotateSecretResponse](r, r.root, in)
}

// value is what a version of the secret holds, by its label.
func (r *rig) value(stage string) *rotation.Key {
	r.t.Helper()
	k, err := rotation.ReadKey([]byte(*do[shape.GetSecretValueResponse](r, &shape.GetSecretValueRequest{SecretId: "s", VersionStage: &stage}).SecretString))
	r.must(err)
	return k
}

// keys are Bob's keys and their states.
func (r *rig) keys() map[ids.KeyID]string {
	r.t.Helper()
	list := map[ids.KeyID]string{}
	for _, k := range do[iamshape.ListAccessKeysResponse](r, &iamshape.ListAccessKeysRequest{UserName: new("Bob")}).AccessKeyMetadata {
		list[ids.KeyID(*k.AccessKeyId)] = *k.Status
	}
	return list
}

func (r *rig) describe() *shape.DescribeSecretResponse {
	r.t.Helper()
	return do[shape.DescribeSecretResponse](r, &shape.DescribeSecretRequest{SecretId: "s"})
}

// record is the secret as it is stored.
func (r *rig) record() (s *directory.Secret) {
	r.t.Helper()
	r.must(r.store.View(context.WithoutCancel(r.t.Context()), func(rd store.Reader) (err error) {
		s, err = directory.GetSecret(rd, account, region, "s")
		return err
	}))
	return s
}

// use has a key sign a request now.
func (r *rig) use(id ids.KeyID, source string) {
	r.usage.Note(id, "sts", "eu-west-2", source, time.Now())
}

func (r *rig) doctor() {
	r.t.Helper()
	ctx := context.WithoutCancel(r.t.Context())
	r.must(r.store.View(ctx, func(rd store.Reader) error {
		report, err := directory.Check(ctx, rd, r.ring)
		if err == nil && report.Found > 0 {
			r.t.Errorf("doctor finds %d problems: %q", report.Found, report.Problems)
		}
		return err
	}))
}

// standing is a user as who works on behind a reply.
func (r *rig) standing(name string) directory.Standing {
	r.t.Helper()
	out := directory.Standing{Account: account}
	r.must(r.store.View(context.WithoutCancel(r.t.Context()), func(rd store.Reader) error {
		u, err := directory.Users.ByName(rd, account, name)
		if err == nil {
			out.User = u.ID
		}
		return err
	}))
	return out
}
