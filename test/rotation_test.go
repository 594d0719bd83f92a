package test

import (
	"context"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
)

// rotatedUser is a user Bob whose key is rotated in a secret.
type rotatedUser struct {
	*server
	t      *testing.T
	root   key
	secret string
}

// rotateBob sets it all up with one command. Old keys end faster than they do by default.
func rotateBob(t *testing.T, s *server, grace string) *rotatedUser {
	t.Helper()
	r := &rotatedUser{server: s, t: t, root: s.root(t), secret: "access-key/Bob"}
	must[*iam.CreateUserOutput](t)(s.iam(r.root).CreateUser(t.Context(), &iam.CreateUserInput{UserName: new("Bob")}))
	out := iamd(t, "rotate", "user", "Bob", "--grace", grace, "--keep-inactive", "0s", "--data", s.data)
	mustRun(t, out)
	if k := r.key(); !strings.Contains(out.stdout, k.ID) || !strings.Contains(out.stdout, ":secret:access-key/Bob-") {
		t.Errorf("iamd rotate user said:\n%s", out.stdout)
	}
	return r
}

// key is what clients read from the secret now.
func (r *rotatedUser) key() key {
	r.t.Helper()
	k, err := r.read()
	if err != nil {
		r.t.Fatal(err)
	}
	return k
}

func (r *rotatedUser) read() (key, error) {
	text, err := secretOf(context.WithoutCancel(r.t.Context()), r.secrets(r.root), r.secret)
	if err != nil {
		return key{}, err
	}
	var v struct{ UserName, AccessKeyId, SecretAccessKey string }
	err = json.Unmarshal([]byte(text), &v)
	return key{ID: v.AccessKeyId, Secret: v.SecretAccessKey}, err
}

// keys is how many keys Bob has; more than two fail the test.
func (r *rotatedUser) keys() int {
	r.t.Helper()
	n := len(must[*iam.ListAccessKeysOutput](r.t)(r.iam(r.root).ListAccessKeys(r.t.Context(), &iam.ListAccessKeysInput{UserName: new("Bob")})).AccessKeyMetadata)
	if n > 2 {
		r.t.Fatalf("Bob has %d keys", n)
	}
	return n
}

// rotate has the key rotated, and waits until the secret has another.
func (r *rotatedUser) rotate() {
	r.t.Helper()
	was := r.key()
	must[*secretsmanager.RotateSecretOutput](r.t)(r.secrets(r.root).RotateSecret(r.t.Context(), &secretsmanager.RotateSecretInput{SecretId: &r.secret}))
	r.until("the secret has another key", func() bool { return r.key() != was })
}

// until waits for what can be seen from outside.
func (r *rotatedUser) until(what string, is func() bool) {
	r.t.Helper()
	for end := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			r.t.Fatalf("not so: %s\n%s", what, iamd(r.t, "rotate", "status", "--data", r.data).stdout)
		}
	}
}

// traffic calls 50 times a second with the key that next gives, until done is closed, and
// returns the calls and those that failed.
func (r *rotatedUser) traffic(done <-chan struct{}, next func() (key, error)) (calls int, failed []error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return calls, failed
		case <-tick.C:
		}
		k, err := next()
		if err == nil {
			_, err = r.sts(k).GetCallerIdentity(context.WithoutCancel(r.t.Context()), &sts.GetCallerIdentityInput{})
		}
		calls++
		if err != nil {
			failed = append(failed, err)
		}
	}
}

// A client that reads its key again now and then sees no failed call through twenty
// rotations. One that never does keeps its key, and is named.
func TestRotationUnderTraffic(t *testing.T) {
	r := rotateBob(t, start(t), "1s")
	var group sync.WaitGroup
	done := make(chan struct{})
	var calls int
	var failed []error
	group.Go(func() {
		var k key
		var read time.Time
		calls, failed = r.traffic(done, func() (_ key, err error) {
			if time.Since(read) > 100*time.Millisecond {
				k, err = r.read()
				read = time.Now()
			}
			return k, err
		})
	})
	for range 20 {
		r.rotate()
		r.until("the old key is gone", func() bool { return r.keys() == 1 })
	}
	close(done)
	group.Wait()
	if calls < 100 || len(failed) > 0 {
		t.Errorf("%d of %d calls failed: %v", len(failed), calls, failed)
	}

	stale, done := r.key(), make(chan struct{})
	group.Go(func() {
		calls, failed = r.traffic(done, func() (key, error) { return stale, nil })
	})
	r.rotate()
	status := func() string { return iamd(t, "rotate", "status", "--data", r.data).stdout }
	r.until("the client is named", func() bool {
		line := status()
		line = line[max(0, strings.Index(line, stale.ID)):]
		line, _, _ = strings.Cut(line, "\n")
		return strings.Contains(line, " Bob ") && strings.Contains(line, " Active ") && strings.Contains(line, "still in use: sts in us-east-1 from 127.0.0.1 at ")
	})
	close(done)
	group.Wait()
	if calls == 0 || len(failed) > 0 {
		t.Errorf("%d of %d calls with the old key failed: %v", len(failed), calls, failed)
	}
	r.until("the old key is gone", func() bool { return r.keys() == 1 })
	r.stop(t)
	doctorIsHappy(t, r.server)
	trail := trailText(t, r.data)
	for _, want := range []string{`"eventName":"RotationKeyInUse"`, `"eventType":"AwsServiceEvent"`, `"SourceIPAddress":"127.0.0.1"`, `"eventName":"RotationSucceeded"`} {
		if !strings.Contains(trail, want) {
			t.Errorf("the trail has no %s", want)
		}
	}
	for _, secret := range []string{stale.Secret, `"SecretAccessKey"`} {
		if strings.Contains(trail, secret) {
			t.Error("the trail has a secret")
		}
	}
}

// A server that is killed during a rotation completes it at the next start, and has the
// same schedule.
func TestRotationCrash(t *testing.T) {
	r := rotateBob(t, start(t), "10ms")
	next := must[*secretsmanager.DescribeSecretOutput](t)(r.secrets(r.root).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &r.secret})).NextRotationDate
	for round := range 8 {
		r.until("the old key is gone", func() bool { return r.keys() == 1 })
		was := r.key()
		asked := make(chan error, 1)
		go func() {
			_, err := r.secrets(r.root).RotateSecret(context.WithoutCancel(t.Context()), &secretsmanager.RotateSecretInput{SecretId: &r.secret})
			asked <- err
		}()
		// How far it gets until then is never the same.
		for range rand.IntN(4) {
			_, _ = r.read()
		}
		r.kill(t)
		<-asked
		r.server = start(t, onData(r.data))
		if n := r.keys(); n == 0 {
			t.Fatal("Bob has no key")
		}
		r.until("the key in the secret works", func() bool {
			_, err := r.sts(r.key()).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
			return err == nil
		})
		r.until("all is over", func() bool {
			out := iamd(t, "rotate", "status", "--data", r.data).stdout
			return r.keys() == 1 && !strings.Contains(out, "rotating: ")
		})
		t.Logf("round %d: rotated: %v", round, r.key() != was)
	}
	d := must[*secretsmanager.DescribeSecretOutput](t)(r.secrets(r.root).DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &r.secret}))
	if next == nil || d.NextRotationDate == nil || d.NextRotationDate.Before(*next) {
		t.Errorf("the next rotation was on %v, and is on %v", next, d.NextRotationDate)
	}
	r.rotate()
	r.stop(t)
	doctorIsHappy(t, r.server)
}

// A stack makes a user and a secret for its key, and has the key rotated.
func TestRotationSchedule(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	ctx, c := t.Context(), s.cloudformation(root)
	must[*cloudformation.CreateStackOutput](t)(c.CreateStack(ctx, &cloudformation.CreateStackInput{
		StackName: new("rotating"), Capabilities: []cfntypes.Capability{cfntypes.CapabilityCapabilityNamedIam}, TemplateBody: new(`{"Resources":{
			"User":{"Type":"AWS::IAM::User","Properties":{"UserName":"Bob"}},
			"Secret":{"Type":"AWS::SecretsManager::Secret","Properties":{"Name":"access-key/Bob",
				"Tags":[{"Key":"iamd:rotation-grace","Value":"90m"},{"Key":"iamd:rotation-free-inactive","Value":"true"}],"SecretString":{"Fn::Sub":"{\"UserName\":\"${User}\"}"}}},
			"Rotation":{"Type":"AWS::SecretsManager::RotationSchedule","Properties":{"SecretId":{"Ref":"Secret"},
				"RotationLambdaARN":{"Fn::Sub":"arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:iamd-access-key-rotation"},
				"RotationRules":{"ScheduleExpression":"rate(30 days)"}}}}}`),
	}))
	wait := cloudformation.NewStackCreateCompleteWaiter(c, func(o *cloudformation.StackCreateCompleteWaiterOptions) {
		o.MinDelay, o.MaxDelay = time.Millisecond, 100*time.Millisecond
	})
	if err := wait.Wait(ctx, &cloudformation.DescribeStacksInput{StackName: new("rotating")}, patience); err != nil {
		t.Fatal(err)
	}
	r := &rotatedUser{server: s, t: t, root: root, secret: "access-key/Bob"}
	r.until("the secret has a key that works", func() bool {
		k := r.key()
		who, err := s.sts(k).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		return err == nil && *who.Arn == "arn:aws:iam::123456789012:user/Bob"
	})
	if tags := r.tags(); tags["iamd:rotation-grace"] != "90m" || tags["iamd:rotation-free-inactive"] != "true" {
		t.Errorf("the secret's tags are %v", tags)
	}
}

// tags are the secret's.
func (r *rotatedUser) tags() map[string]string {
	r.t.Helper()
	list := map[string]string{}
	for _, tag := range must[*secretsmanager.DescribeSecretOutput](r.t)(r.secrets(r.root).DescribeSecret(r.t.Context(), &secretsmanager.DescribeSecretInput{SecretId: &r.secret})).Tags {
		list[*tag.Key] = *tag.Value
	}
	return list
}

// How old keys end is said by tags, which the command sets and the API checks.
func TestRotationTags(t *testing.T) {
	t.Parallel()
	s := start(t)
	root := s.root(t)
	ctx, c := t.Context(), s.iam(root)
	must[*iam.CreateUserOutput](t)(c.CreateUser(ctx, &iam.CreateUserInput{UserName: new("Bob")}))
	var last string
	for range 2 {
		last = *must[*iam.CreateAccessKeyOutput](t)(c.CreateAccessKey(ctx, &iam.CreateAccessKeyInput{UserName: new("Bob")})).AccessKey.AccessKeyId
	}
	rotate := func(args ...string) result {
		return iamd(t, append([]string{"rotate", "user", "Bob", "--data", s.data}, args...)...)
	}
	for _, tc := range []struct{ flag, value, want string }{
		{"--grace", "soon", "The value of the tag iamd:rotation-grace must be a duration such as 36h or 90m, of 8784h at most."},
		{"--keep-inactive", "-1h", "The value of the tag iamd:rotation-keep-inactive must be a duration such as 36h or 90m, of 8784h at most."},
		{"--free-inactive", "maybe", "The value of the tag iamd:rotation-free-inactive must be true or false."},
	} {
		if out := rotate(tc.flag + "=" + tc.value); out.code == 0 || !strings.Contains(out.stderr, "InvalidParameterException") || !strings.Contains(out.stderr, tc.want) {
			t.Errorf("%s %s: %d %s", tc.flag, tc.value, out.code, out.stderr)
		}
	}
	if n := len(must[*secretsmanager.ListSecretsOutput](t)(s.secrets(root).ListSecrets(ctx, &secretsmanager.ListSecretsInput{})).SecretList); n > 0 {
		t.Errorf("what was refused has left %d secrets", n)
	}

	// Both places are taken: one by a key that is Inactive, which may go only if that is said.
	must[*iam.UpdateAccessKeyOutput](t)(c.UpdateAccessKey(ctx, &iam.UpdateAccessKeyInput{UserName: new("Bob"), AccessKeyId: &last, Status: "Inactive"}))
	if out := rotate(); out.code == 0 || !strings.Contains(out.stderr, "Delete "+last+", which is Inactive") {
		t.Errorf("without room: %d %s", out.code, out.stderr)
	}
	mustRun(t, rotate("--free-inactive", "--grace", "90m"))
	for _, k := range must[*iam.ListAccessKeysOutput](t)(c.ListAccessKeys(ctx, &iam.ListAccessKeysInput{UserName: new("Bob")})).AccessKeyMetadata {
		if *k.AccessKeyId == last {
			t.Errorf("%s is %s still", last, k.Status)
		}
	}
	tags := (&rotatedUser{server: s, t: t, root: root, secret: "access-key/Bob"}).tags()
	if len(tags) != 2 || tags["iamd:rotation-grace"] != "90m" || tags["iamd:rotation-free-inactive"] != "true" {
		t.Errorf("the secret's tags are %v", tags)
	}
	_, err := s.secrets(root).TagResource(ctx, &secretsmanager.TagResourceInput{
		SecretId: new("access-key/Bob"), Tags: []types.Tag{{Key: new("iamd:rotation-gracious"), Value: new("1h")}},
	})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorCode() != "InvalidParameterException" ||
		e.ErrorMessage() != "The tag iamd:rotation-gracious says nothing. Those that say something about rotations are "+
			"iamd:rotation-grace, iamd:rotation-keep-inactive and iamd:rotation-free-inactive." {
		t.Errorf("a tag that does not exist: %v", err)
	}
}
