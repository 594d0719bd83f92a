package rotation

import (
	"context"
	"errors"
	"slices"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/shapes/secretsmanager"
	"github.com/iamd-project/iamd/internal/store"
)

// rehearse does the next step of a test of how s is to be rotated, which is testSecret
// alone: a pending version with the current value is put and read back as whoever the
// rotation acts as, its key signs a call, and the version goes again.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (e *Engine) rehearse(ctx context.Context, s *directory.Secret) error {
	var err error
	switch s.Rotation.Work.Step {
	case directory.RotationAsked:
		return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
			to.Rotation.Work.Step = directory.RotationCreate
			return e.tell(tx, to, "TestRotationStarted")
		})
	case directory.RotationCreate:
		if err = e.copyValue(ctx, s); err == nil {
			return e.goOn(ctx, s, directory.RotationTest)
		}
	case directory.RotationTest:
		err = e.testCopy(ctx, s)
	case directory.RotationUndo:
		err = fail("The test was cancelled.")
	default:
		err = fail("iamd does not know the step %s.", s.Rotation.Work.Step)
	}
	return e.rehearsed(ctx, s, err)
}

// copyValue puts the current value as the pending version.
func (e *Engine) copyValue(ctx context.Context, s *directory.Secret) error {
	value, err := do[secretsmanager.GetSecretValueResponse](ctx, e, s, &secretsmanager.GetSecretValueRequest{SecretId: s.ARN()})
	if err != nil {
		return err
	}
	_, err = do[secretsmanager.PutSecretValueResponse](ctx, e, s, &secretsmanager.PutSecretValueRequest{
		SecretId: s.ARN(), ClientRequestToken: &s.Rotation.Work.Version, VersionStages: []string{pending},
		SecretString: value.SecretString, SecretBinary: value.SecretBinary,
	})
	return err
}

// testCopy has the key of the pending version sign a call, if the secret has one yet.
func (e *Engine) testCopy(ctx context.Context, s *directory.Secret) error {
	k, err := e.pending(ctx, s)
	if err != nil {
		return err
	}
	if _, err := e.user(ctx, s, k); err != nil || k.ID == "" {
		return err
	}
	return e.works(ctx, s, k)
}

// rehearsed ends a test, which is not tried again, and says how it went. The next rotation
// is when it would have been.
func (e *Engine) rehearsed(ctx context.Context, s *directory.Secret, cause error) error {
	if errors.Is(cause, store.ErrClosed) {
		return cause
	}
	text := ""
	if cause != nil {
		text = e.reason(s, cause)
	}
	return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
		version := to.Rotation.Work.Version
		to.Rotation.Work, to.Rotation.Failure = nil, text
		if err := dropCopy(tx, to, version); err != nil {
			return err
		}
		if text != "" {
			return e.tell(tx, to, "TestRotationFailed", [2]string{"ErrorMessage", text})
		}
		return e.tell(tx, to, "TestRotationSucceeded")
	})
}

// dropCopy removes a pending version, unless somebody gave it another label.
func dropCopy(tx store.Tx, s *directory.Secret, version string) error {
	dropPending(s, version)
	at := slices.IndexFunc(s.Versions, func(v directory.SecretVersion) bool { return v.ID == version && len(v.Stages) == 0 })
	if at < 0 {
		return nil
	}
	s.Versions = slices.Delete(s.Versions, at, at+1)
	return directory.DeleteSecretValue(tx, s, version)
}
