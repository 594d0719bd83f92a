package rotation_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func later(in *shape.RotateSecretRequest) {
	in.RotateImmediately, in.RotationRules = new(false), &shape.RotationRulesType{ScheduleExpression: new("rate(4 days)")}
}

// A rotation that is not to be now is tested, by the step testSecret alone: no key is made,
// the pending version is gone, and what went wrong is told. It stays scheduled in any case.
func TestRehearsal(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		first := r.value("AWSCURRENT").ID
		tested := func(events, failure string) {
			t.Helper()
			x := r.record().Rotation
			if got := names(r.events()); got != events || x.Failure != failure || x.Work != nil || x.Next == 0 || !x.Enabled {
				t.Errorf("events: %s; %+v\nwant %s: %s", got, x, events, failure)
			}
			if d := r.describe(); len(d.VersionIdsToStages) != 1 || d.LastRotatedDate != nil || d.NextRotationDate == nil {
				t.Errorf("DescribeSecret replied %+v", d)
			}
			if keys := r.keys(); len(keys) != 1 || keys[first] == "" {
				t.Errorf("Bob has %v", keys)
			}
		}
		out, err := r.rotate(later)
		r.must(err)
		if out.VersionId != nil {
			t.Errorf("RotateSecret told of the version %s, which is gone", *out.VersionId)
		}
		tested("TestRotationStarted TestRotationSucceeded", "")

		do[op.None](r, &iamshape.UpdateAccessKeyRequest{UserName: new("Bob"), AccessKeyId: string(first), Status: "Inactive"})
		_, err = r.rotate(later)
		r.must(err)
		bad := "GetCallerIdentity with the access key of the pending version: InvalidClientTokenId: The security token included in the request is invalid."
		tested("TestRotationStarted TestRotationSucceeded TestRotationStarted TestRotationFailed", bad)

		do[op.None](r, &iamshape.UpdateAccessKeyRequest{UserName: new("Bob"), AccessKeyId: string(first), Status: "Active"})
		_, err = r.rotate(later)
		r.must(err)
		tested("TestRotationStarted TestRotationSucceeded TestRotationStarted TestRotationFailed TestRotationStarted TestRotationSucceeded", "")
		elapse(5 * 24 * time.Hour)
		if r.value("AWSCURRENT").ID == first {
			t.Error("what was tested was not rotated in its time")
		}
		elapse(50 * time.Hour)
	})
}

// A test has the permissions that the rotation will have.
func TestRehearsalActsAs(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		do[iamshape.CreateUserResponse](r, &iamshape.CreateUserRequest{UserName: "Starter"})
		do[op.None](r, &iamshape.PutUserPolicyRequest{UserName: "Starter", PolicyName: "p",
			PolicyDocument: `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"secretsmanager:RotateSecret","Resource":"*"}}`})
		in := &shape.RotateSecretRequest{SecretId: "s", ClientRequestToken: new(ids.Source{}.UUID()), RotationLambdaARN: &function}
		later(in)
		_, err := as[shape.RotateSecretResponse](r, r.standing("Starter"), in)
		r.must(err)
		want := "AccessDeniedException: User: arn:aws:iam::123456789012:user/Starter is not authorized to perform: secretsmanager:GetSecretValue on resource: " +
			r.record().ARN() + " because no identity-based policy allows the secretsmanager:GetSecretValue action"
		if got := r.record().Rotation.Failure; got != want {
			t.Errorf("it failed: %s\nwant %s", got, want)
		}
		if got := names(r.events()); got != "TestRotationStarted TestRotationFailed" {
			t.Errorf("events: %s", got)
		}
	})
}

// With a user's name alone there is no key yet that could sign.
func TestRehearsalWithoutKey(t *testing.T) {
	inBubble(t, func(r *rig) {
		do[iamshape.CreateUserResponse](r, &iamshape.CreateUserRequest{UserName: "Bob"})
		do[shape.CreateSecretResponse](r, &shape.CreateSecretRequest{Name: "s", SecretString: new(`{"UserName":"Bob"}`), ClientRequestToken: new(ids.Source{}.UUID())})
		_, err := r.rotate(later)
		r.must(err)
		if got := names(r.events()); got != "TestRotationStarted TestRotationSucceeded" || len(r.describe().VersionIdsToStages) != 1 || len(r.keys()) != 0 {
			t.Errorf("events: %s; %+v", got, r.describe())
		}
	})
}

// A test whose process dies anywhere is completed at the next start, and leaves nothing.
func TestRehearsalCrash(t *testing.T) {
	for _, behind := range []bool{false, true} {
		for n, died := 0, true; died && n < 50; n++ {
			t.Run(fmt.Sprintf("%d %v", n, behind), func(t *testing.T) {
				inBubble(t, func(r *rig) {
					r.bob()
					r.stop()
					m := &mortal{rig: r, left: n, behind: behind}
					r.run(m, mortalStore{r.store, m})
					_, err := r.rotate(later)
					r.must(err)
					died = m.dead
					r.stop()
					r.run(r, r.store)
					elapse(time.Minute)
					holds(t, r)
					if got := names(r.events()); got != "TestRotationStarted TestRotationSucceeded" || len(r.describe().VersionIdsToStages) != 1 || len(r.keys()) != 1 {
						t.Errorf("events: %s; %+v", got, r.record().Rotation)
					}
				})
			})
		}
	}
}

// A rotation that was missed while its secret was marked for deletion is soon after it was
// restored.
func TestRestored(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		_, err := r.rotate(later)
		r.must(err)
		first := r.value("AWSCURRENT").ID
		do[shape.DeleteSecretResponse](r, &shape.DeleteSecretRequest{SecretId: "s"})
		elapse(10 * 24 * time.Hour)
		do[shape.RestoreSecretResponse](r, &shape.RestoreSecretRequest{SecretId: "s"})
		elapse(time.Second)
		if r.value("AWSCURRENT").ID == first {
			t.Error("what was missed is not made up for")
		}
	})
}
