package rotation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
)

// The staging labels that a rotation moves.
const (
	current = "AWSCURRENT"
	pending = "AWSPENDING"
)

// A failure is why a rotation can't go on, for people to read.
type failure string

func (f failure) Error() string { return string(f) }

func fail(format string, args ...any) error { return failure(fmt.Sprintf(format, args...)) }

// errAbandoned is of a secret that somebody else gave another value meanwhile.
const errAbandoned = failure("The secret was given another value during the rotation.")

// step does the next step of the work on s.
func (e *Engine) step(ctx context.Context, s *directory.Secret) error {
	if s.Rotation.Work.Test {
		return e.rehearse(ctx, s)
	}
	var err error
	switch s.Rotation.Work.Step {
	case directory.RotationAsked:
		return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
			to.Rotation.Work.Step = directory.RotationCreate
			return e.tell(tx, to, "RotationStarted")
		})
	case directory.RotationCreate:
		err = e.create(ctx, s)
	case directory.RotationSet:
		err = e.set(ctx, s)
	case directory.RotationTest:
		err = e.test(ctx, s)
	case directory.RotationFinish:
		err = e.finish(ctx, s)
	case directory.RotationUndo:
		err = e.undo(ctx, s)
	default:
		err = fail("iamd does not know the step %s.", s.Rotation.Work.Step)
	}
	if err != nil {
		return e.failed(ctx, s, err)
	}
	return nil
}

// do makes a call that may be made again.
func do[Out any](ctx context.Context, e *Engine, s *directory.Secret, in any) (*Out, error) {
	return once[Out](ctx, e, s, "", in)
}

// once makes a call whose reply is kept under a token, unless that is "".
func once[Out any](ctx context.Context, e *Engine, s *directory.Secret, token string, in any) (*Out, error) {
	out, err := e.Calls.Call(ctx, s.Rotation.As, s.Region, token, in)
	if err != nil {
		return nil, err
	}
	return out.(*Out), nil
}

// The calls that must not be made twice.
const (
	createCall = "CreateAccessKey"
	putCall    = "PutSecretValue"
)

// create makes the new key, and puts it into the secret as its pending version.
func (e *Engine) create(ctx context.Context, s *directory.Secret) error {
	w := s.Rotation.Work
	value, err := do[secretsmanager.GetSecretValueResponse](ctx, e, s, &secretsmanager.GetSecretValueRequest{SecretId: s.ARN()})
	if err != nil {
		return err
	}
	old, err := readText(value)
	if err != nil {
		return err
	}
	user, err := e.user(ctx, s, old)
	if err != nil {
		return err
	}
	made, err := e.make(ctx, s, user.Name, old.ID)
	if err != nil {
		return err
	}
	text, err := old.With(user.Name, ids.KeyID(made.AccessKeyId), ids.SecretKey(made.SecretAccessKey), *made.CreateDate)
	if err != nil {
		return err
	}
	_, err = once[secretsmanager.PutSecretValueResponse](ctx, e, s, s.RotationCall(w.Version, putCall).Token, &secretsmanager.PutSecretValueRequest{
		SecretId: s.ARN(), ClientRequestToken: &w.Version, SecretString: &text, VersionStages: []string{pending},
	})
	if err != nil {
		return err
	}
	return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
		w := to.Rotation.Work
		w.Step, w.Key, w.Old, w.From = directory.RotationSet, ids.KeyID(made.AccessKeyId), old.ID, *value.VersionId
		return directory.ForgetRotationCalls(tx, to)
	})
}

func readText(value *secretsmanager.GetSecretValueResponse) (*Key, error) {
	if value.SecretString == nil {
		return ReadKey(value.SecretBinary)
	}
	return ReadKey([]byte(*value.SecretString))
}

// user is whose key the value of s is to hold: the user that it was for when the rotation
// was set up, whatever that one is called now. Who can only change the value must not get,
// or end, another user's keys.
func (e *Engine) user(ctx context.Context, s *directory.Secret, k *Key) (u *directory.User, err error) {
	err = e.Store.View(ctx, func(r store.Reader) error {
		if u, err = directory.Users.ByID(r, s.Account, s.Rotation.User); err != nil {
			return err
		}
		if u == nil {
			return fail("The user whose keys the secret holds does not exist any more.")
		}
		named, err := directory.Users.ByName(r, s.Account, k.User)
		if err != nil {
			return err
		}
		key, err := directory.GetAccessKey(r, k.ID)
		switch {
		case err != nil:
			return err
		case named != nil && named.ID != u.ID:
			return fail("The secret is for user %s, and its rotation was set up for user %s: call RotateSecret with RotationLambdaARN to set it up again.", named.Name, u.Name)
		case key != nil && key.Owner != u.Owner():
			return notOf(u)
		}
		return nil
	})
	return u, err
}

// make makes the key, and room for it if there is none and that may be done.
func (e *Engine) make(ctx context.Context, s *directory.Secret, user string, held ids.KeyID) (*iam.AccessKey, error) {
	token := s.RotationCall(s.Rotation.Work.Version, createCall).Token
	create := func() (*iam.CreateAccessKeyResponse, error) {
		return once[iam.CreateAccessKeyResponse](ctx, e, s, token, &iam.CreateAccessKeyRequest{UserName: &user})
	}
	out, err := create()
	if refusedWith(err, "LimitExceeded") {
		if err := e.free(ctx, s, user, held); err != nil {
			return nil, err
		}
		out, err = create()
	}
	if err != nil {
		return nil, err
	}
	return out.AccessKey, nil
}

// free deletes an Inactive key of the user: the one before the current, which is on its
// way out, or another if the secret's tags allow it.
func (e *Engine) free(ctx context.Context, s *directory.Secret, user string, held ids.KeyID) error {
	out, err := do[iam.ListAccessKeysResponse](ctx, e, s, &iam.ListAccessKeysRequest{UserName: &user})
	if err != nil {
		return err
	}
	inactive := ""
	for _, k := range out.AccessKeyMetadata {
		id := *k.AccessKeyId
		if *k.Status != iam.StatusTypeInactive || ids.KeyID(id) == held {
			continue
		}
		inactive = id
		if retiring := s.Rotation.Retiring; settingsOf(s).free || retiring != nil && retiring.ID == ids.KeyID(id) {
			_, err := do[op.None](ctx, e, s, &iam.DeleteAccessKeyRequest{UserName: &user, AccessKeyId: id})
			return err
		}
	}
	switch retiring := s.Rotation.Retiring; {
	case inactive != "":
		return fail("User %s has no room for another access key. Delete %s, which is Inactive, or give the secret the tag %s with the value true.", user, inactive, TagFree)
	case retiring != nil && retiring.Use != nil:
		return fail("User %s has no room for another access key: %s, from before the last rotation, %s.", user, retiring.ID, inUse(retiring.Use))
	case retiring != nil:
		return fail("User %s has no room for another access key: %s, from before the last rotation, is still Active.", user, retiring.ID)
	}
	return fail("User %s has no room for another access key, and none is Inactive: deactivate or delete the one that the secret does not hold.", user)
}

// inUse says by whom a key was used.
func inUse(u *directory.LastUsed) string {
	return fmt.Sprintf("was used at %s for %s in %s from %s", u.Date.Time().Format(time.RFC3339), u.Service, u.Region, u.Source)
}

// set makes sure that who asks for the pending version gets the new key. An access key is
// known to all of iamd once it is made: there is nobody else to tell.
func (e *Engine) set(ctx context.Context, s *directory.Secret) error {
	k, err := e.pending(ctx, s)
	if err != nil {
		return err
	}
	if k.ID != s.Rotation.Work.Key {
		return errAbandoned
	}
	return e.goOn(ctx, s, directory.RotationTest)
}

// pending is the key in the pending version.
func (e *Engine) pending(ctx context.Context, s *directory.Secret) (*Key, error) {
	value, err := do[secretsmanager.GetSecretValueResponse](ctx, e, s, &secretsmanager.GetSecretValueRequest{
		SecretId: s.ARN(), VersionId: &s.Rotation.Work.Version,
	})
	if err != nil {
		return nil, err
	}
	return readText(value)
}

// goOn goes on with another step.
func (e *Engine) goOn(ctx context.Context, s *directory.Secret, step directory.RotationStep) error {
	return e.change(ctx, s, func(_ store.Tx, to *directory.Secret) error {
		to.Rotation.Work.Step, to.Rotation.Work.Attempts = step, 0
		return nil
	})
}

// test has the new key sign a call.
func (e *Engine) test(ctx context.Context, s *directory.Secret) error {
	k, err := e.pending(ctx, s)
	if err != nil {
		return err
	}
	if err := e.works(ctx, s, k); err != nil {
		return err
	}
	return e.goOn(ctx, s, directory.RotationFinish)
}

// works makes sure that a key is the user's, by a call that it signs.
func (e *Engine) works(ctx context.Context, s *directory.Secret, k *Key) error {
	var want string
	err := e.Store.View(ctx, func(r store.Reader) error {
		u, err := directory.Users.ByID(r, s.Account, s.Rotation.User)
		if err == nil && u != nil {
			want = u.ARN()
		}
		return err
	})
	if err != nil {
		return err
	}
	got, err := e.callerOf(k, s.Region)
	if err == nil && got != want {
		err = fail("The access key is %s's, and not %s's.", got, want)
	}
	return err
}

// finish makes the pending version the current one.
func (e *Engine) finish(ctx context.Context, s *directory.Secret) error {
	w := s.Rotation.Work
	is := ""
	if v := s.Staged(current); v != nil {
		is = v.ID
	}
	switch is {
	case w.Version: // done before
	case w.From:
		_, err := do[secretsmanager.UpdateSecretVersionStageResponse](ctx, e, s, &secretsmanager.UpdateSecretVersionStageRequest{
			SecretId: s.ARN(), VersionStage: current, MoveToVersionId: &w.Version, RemoveFromVersionId: &w.From,
		})
		if err != nil {
			return err
		}
	default:
		return errAbandoned
	}
	return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
		now := e.Now()
		dropPending(to, w.Version)
		r := to.Rotation
		r.Work, r.Key, r.Last, r.Failure = nil, w.Key, directory.At(now), ""
		if w.Old != "" {
			r.Retiring = &directory.RetiringKey{ID: w.Old, Since: r.Last, Due: directory.At(now.Add(settingsOf(to).grace))}
		}
		Plan(to, now)
		return e.tell(tx, to, "RotationSucceeded")
	})
}

// dropPending takes the label of a pending version away, as AWS does once a rotation is
// over.
func dropPending(s *directory.Secret, version string) {
	versions := make([]directory.SecretVersion, len(s.Versions))
	for i, v := range s.Versions {
		if v.ID == version {
			var stages []string
			for _, stage := range v.Stages {
				if stage != pending {
					stages = append(stages, stage)
				}
			}
			v.Stages = stages
		}
		versions[i] = v
	}
	s.Versions = versions
}

func refusedWith(err error, code string) bool {
	refused, ok := errors.AsType[*op.Refused](err)
	return ok && refused.Err.Code == code
}
