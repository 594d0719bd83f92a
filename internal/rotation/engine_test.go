package rotation_test

import (
	"testing"
	"time"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	iamshape "github.com/iamd-project/iamd/internal/shapes/iam"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

// The life of a key: current, old and Active, Inactive, gone.
func TestRotation(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob("iamd:rotation-grace", "2h", "iamd:rotation-keep-inactive", "3h")
		first := r.value("AWSCURRENT")
		out, err := r.rotate(nil)
		r.must(err)
		second := r.value("AWSCURRENT")
		if second.ID == first.ID || r.value("AWSPREVIOUS").ID != first.ID || second.User != "Bob" {
			t.Fatalf("rotated from %s to %s of %s", first.ID, second.ID, second.User)
		}
		text := *do[shape.GetSecretValueResponse](r, &shape.GetSecretValueRequest{SecretId: "s", VersionId: out.VersionId}).SecretString
		want := `{"AccessKeyId":"` + string(second.ID) + `","SecretAccessKey":"` + string(second.Secret) + `","UserName":"Bob","port":5}`
		if text != want {
			t.Errorf("the secret is %s", text)
		}
		d := r.describe()
		if d.LastRotatedDate == nil || d.NextRotationDate != nil || !*d.RotationEnabled || len(d.VersionIdsToStages) != 2 || len(d.VersionIdsToStages[*out.VersionId]) != 1 {
			t.Errorf("DescribeSecret replied %+v", d)
		}
		stays := func(after time.Duration, want map[ids.KeyID]string) {
			t.Helper()
			elapse(after)
			if got := r.keys(); len(got) != len(want) || got[first.ID] != want[first.ID] || got[second.ID] != want[second.ID] {
				t.Errorf("at %v Bob's keys are %v, want %v", time.Now(), got, want)
			}
		}
		stays(2*time.Hour-time.Second, map[ids.KeyID]string{first.ID: "Active", second.ID: "Active"})
		stays(2*time.Second, map[ids.KeyID]string{first.ID: "Inactive", second.ID: "Active"})
		stays(3*time.Hour-2*time.Second, map[ids.KeyID]string{first.ID: "Inactive", second.ID: "Active"})
		stays(2*time.Second, map[ids.KeyID]string{second.ID: "Active"})
		if got := names(r.events()); got != "Started Succeeded" {
			t.Errorf("events: %s", got)
		}
	})
}

// A key that is still used stays, and who uses it is told.
func TestKeyInUse(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob("iamd:rotation-grace", "1h")
		first := r.value("AWSCURRENT").ID
		r.use(first, "192.0.2.1") // before the promotion: does not count
		elapse(time.Second)
		_, err := r.rotate(nil)
		r.must(err)
		for range 30 {
			elapse(10 * time.Minute)
			r.use(first, "192.0.2.7")
		}
		if got := r.keys()[first]; got != "Active" {
			t.Fatalf("a key in use is %q", got)
		}
		use := r.record().Rotation.Retiring.Use
		if use == nil || use.Source != "192.0.2.7" || use.Service != "sts" || use.Region != "eu-west-2" {
			t.Errorf("it waits for %+v", use)
		}
		list := r.events()
		if got := names(list); got != "Started Succeeded KeyInUse" {
			t.Fatalf("events: %s", got)
		}
		if d := list[2].Details; d["AccessKeyId"] != string(first) || d["SourceIPAddress"] != "192.0.2.7" || d["Service"] != "sts" || d["Region"] != "eu-west-2" {
			t.Errorf("told %v", d)
		}
		// The next rotation finds no room, and changes nothing.
		second := r.value("AWSCURRENT").ID
		_, err = r.rotate(nil)
		r.must(err)
		if r.value("AWSCURRENT").ID != second || len(r.keys()) != 2 {
			t.Error("a rotation without room changed something")
		}
		use = r.record().Rotation.Retiring.Use // the last one, by now
		want := "User Bob has no room for another access key: " + string(first) + ", from before the last rotation, was used at " +
			use.Date.Time().Format(time.RFC3339) + " for sts in eu-west-2 from 192.0.2.7."
		if got := r.record().Rotation.Failure; got != want {
			t.Errorf("it failed: %s\nwant %s", got, want)
		}
		// Once nobody uses the key, all goes on by itself, but for the rotation that was given up.
		elapse(61 * time.Minute)
		if got := r.keys()[first]; got != "Inactive" {
			t.Errorf("an unused key is %q", got)
		}
		// Who needs it after all has it back, and it waits anew.
		do[op.None](r, &iamshape.UpdateAccessKeyRequest{UserName: new("Bob"), AccessKeyId: string(first), Status: "Active"})
		elapse(24 * time.Hour)
		if got := r.keys()[first]; got != "Active" {
			t.Errorf("a key that was activated again is %q", got)
		}
		elapse(26 * time.Hour)
		if got := r.keys(); len(got) != 1 || got[second] != "Active" {
			t.Errorf("in the end Bob has %v", got)
		}
	})
}

// Both slots taken: a clear failure and nothing changed; an Inactive key goes if the tag
// says so.
func TestNoRoom(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		first := r.value("AWSCURRENT").ID
		other := do[iamshape.CreateAccessKeyResponse](r, &iamshape.CreateAccessKeyRequest{UserName: new("Bob")}).AccessKey.AccessKeyId
		_, err := r.rotate(nil)
		r.must(err)
		fails := func(want string) {
			t.Helper()
			if got := r.record().Rotation.Failure; got != want {
				t.Errorf("it failed: %s\nwant %s", got, want)
			}
			if r.value("AWSCURRENT").ID != first || len(r.keys()) != 2 || len(r.describe().VersionIdsToStages) != 1 {
				t.Error("a rotation without room changed something")
			}
		}
		fails("User Bob has no room for another access key, and none is Inactive: deactivate or delete the one that the secret does not hold.")
		do[op.None](r, &iamshape.UpdateAccessKeyRequest{UserName: new("Bob"), AccessKeyId: other, Status: "Inactive"})
		_, err = r.rotate(nil) // tries the same one again
		r.must(err)
		fails("User Bob has no room for another access key. Delete " + other + ", which is Inactive, or give the secret the tag iamd:rotation-free-inactive with the value true.")
		do[op.None](r, &shape.TagResourceRequest{SecretId: "s", Tags: []shape.Tag{{Key: new("iamd:rotation-free-inactive"), Value: new("true")}}})
		_, err = r.rotate(nil)
		r.must(err)
		keys := r.keys()
		if keys[ids.KeyID(other)] != "" || len(keys) != 2 || r.value("AWSCURRENT").ID == first {
			t.Errorf("Bob has %v", keys)
		}
		if got := names(r.events()); got != "Started Failed Failed Succeeded" {
			t.Errorf("events: %s", got)
		}
	})
}

// A rotation has the permissions of who named its function, whoever starts it.
func TestActsAs(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		user := func(name, document string) {
			do[iamshape.CreateUserResponse](r, &iamshape.CreateUserRequest{UserName: name})
			do[op.None](r, &iamshape.PutUserPolicyRequest{UserName: name, PolicyName: "p", PolicyDocument: document})
		}
		user("Starter", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"secretsmanager:*","Resource":"*"}}`)
		user("Admin", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}`)
		rotate := func(name string, lambda *string) error {
			_, err := as[shape.RotateSecretResponse](r, r.standing(name), &shape.RotateSecretRequest{
				SecretId: "s", ClientRequestToken: new(ids.Source{}.UUID()), RotationLambdaARN: lambda,
			})
			return err
		}
		first := r.value("AWSCURRENT").ID
		r.must(rotate("Starter", &function))
		if got, want := r.record().Rotation.Failure, "AccessDenied: User: arn:aws:iam::123456789012:user/Starter is not authorized to perform: "+
			"iam:CreateAccessKey on resource: arn:aws:iam::123456789012:user/Bob because no identity-based policy allows the iam:CreateAccessKey action"; got != want {
			t.Errorf("it failed: %s\nwant %s", got, want)
		}
		elapse(time.Hour) // given up by now
		if got := names(r.events()); got != "Started Failed Failed Failed Failed Failed" || r.record().Rotation.Work != nil {
			t.Errorf("events: %s", got)
		}
		r.must(rotate("Admin", &function))
		second := r.value("AWSCURRENT").ID
		if second == first {
			t.Fatal("who may do all could not rotate")
		}
		elapse(50 * time.Hour)
		r.must(rotate("Starter", nil))
		if third := r.value("AWSCURRENT").ID; third == second {
			t.Errorf("starting failed: %s", r.record().Rotation.Failure)
		}
		elapse(50 * time.Hour)

		// Who can change the value gets no other user's keys by it.
		current := r.value("AWSCURRENT")
		do[shape.PutSecretValueResponse](r, &shape.PutSecretValueRequest{
			SecretId: "s", ClientRequestToken: new(ids.Source{}.UUID()), SecretString: new(`{"UserName":"Admin"}`),
		})
		r.must(rotate("Starter", nil))
		if got, want := r.record().Rotation.Failure, "The secret is for user Admin, and its rotation was set up for user Bob: call RotateSecret with RotationLambdaARN to set it up again."; got != want {
			t.Errorf("it failed: %s\nwant %s", got, want)
		}
		if keys := r.keys(); len(keys) != 1 || keys[current.ID] != "Active" {
			t.Errorf("Bob has %v", keys)
		}
		elapse(time.Hour)
	})
}

// A user who is renamed keeps the rotation, and the secret learns the name.
func TestRename(t *testing.T) {
	inBubble(t, func(r *rig) {
		r.bob()
		_, err := r.rotate(nil)
		r.must(err)
		elapse(50 * time.Hour)
		do[op.None](r, &iamshape.UpdateUserRequest{UserName: "Bob", NewUserName: new("Robert")})
		_, err = r.rotate(func(in *shape.RotateSecretRequest) { in.RotationLambdaARN = nil })
		r.must(err)
		if k := r.value("AWSCURRENT"); k.User != "Robert" || r.value("AWSPREVIOUS").ID == k.ID {
			t.Errorf("the secret is for %s; %s", k.User, r.record().Rotation.Failure)
		}
		elapse(50 * time.Hour)
	})
}
