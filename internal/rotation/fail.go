package rotation

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// How often a step is tried, and how long after the first failure it is tried again; after
// each one more, twice as long.
const (
	mostAttempts = 5
	firstPause   = 30 * time.Second
)

// maxFailure bounds the text of a failure that is kept, in bytes.
const maxFailure = 512

// failed writes down that a step came to nothing. It will be tried again, or else what was
// made is undone.
func (e *Engine) failed(ctx context.Context, s *directory.Secret, cause error) error {
	if errors.Is(cause, store.ErrClosed) {
		return cause
	}
	text := e.reason(s, cause)
	return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
		r, w := to.Rotation, to.Rotation.Work
		r.Failure = text
		w.Attempts++
		pause := firstPause << (w.Attempts - 1)
		w.Try = directory.At(e.Now().Add(pause))
		switch {
		case errors.Is(cause, errAbandoned):
			e.toUndo(w)
			return e.tell(tx, to, "RotationAbandoned")
		case w.Attempts < mostAttempts:
		case w.Step == directory.RotationUndo: // whoever takes the permission away keeps the key
			return e.over(tx, to)
		default:
			e.toUndo(w)
		}
		return e.tell(tx, to, "RotationFailed", [2]string{"ErrorMessage", text})
	})
}

func (e *Engine) toUndo(w *directory.RotationWork) {
	w.Step, w.Attempts, w.Try = directory.RotationUndo, 0, directory.At(e.Now())
}

// reason says why a step failed, without more than the caller of the API could know.
func (e *Engine) reason(s *directory.Secret, err error) string {
	text := "Internal failure."
	known, ok := errors.AsType[failure](err)
	refused, isRefused := errors.AsType[*op.Refused](err)
	switch {
	case ok:
		text = string(known)
	case errors.Is(err, ErrNoKey):
		text = ErrNoKey.Error()
	case isRefused:
		text = refused.Err.Code + ": " + refused.Err.Message
	default:
		e.log().Error("a rotation failed", "secret", place(s), "err", err)
	}
	return strings.ToValidUTF8(text[:min(len(text), maxFailure)], "")
}

// undo deletes the new key, and leaves the secret as it was.
func (e *Engine) undo(ctx context.Context, s *directory.Secret) error {
	w := s.Rotation.Work
	if v := s.Staged(current); v != nil && v.ID == w.Version { // too late
		return e.goOn(ctx, s, directory.RotationFinish)
	}
	key, user := w.Key, ""
	err := e.Store.View(ctx, func(r store.Reader) error {
		u, err := directory.Users.ByID(r, s.Account, s.Rotation.User)
		if err == nil && u != nil {
			user = u.Name
		}
		if err == nil && key == "" {
			key, err = e.madeKey(r, s)
		}
		return err
	})
	if err != nil {
		return err
	}
	if key != "" && user != "" {
		_, err := do[op.None](ctx, e, s, &iam.DeleteAccessKeyRequest{UserName: &user, AccessKeyId: string(key)})
		if err != nil && !refusedWith(err, "NoSuchEntity") {
			return err
		}
	}
	return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
		if err := e.over(tx, to); err != nil || to.Rotation.Enabled {
			return err
		}
		return e.tell(tx, to, "RotationAbandoned") // it was cancelled
	})
}

// madeKey is the key that was made when nothing else could be written down of it.
func (e *Engine) madeKey(r store.Reader, s *directory.Secret) (ids.KeyID, error) {
	text, err := s.RotationCall(s.Rotation.Work.Version, createCall).Get(r, e.Keyring())
	if err != nil || text == nil {
		return "", err
	}
	var out iam.CreateAccessKeyResponse
	err = json.Unmarshal(text, &out)
	if err != nil || out.AccessKey == nil {
		return "", err
	}
	return ids.KeyID(out.AccessKey.AccessKeyId), nil
}

// over ends work that came to nothing; the next is in the next window.
func (e *Engine) over(tx store.Tx, to *directory.Secret) error {
	if err := directory.ForgetRotationCalls(tx, to); err != nil {
		return err
	}
	dropPending(to, to.Rotation.Work.Version)
	to.Rotation.Work = nil
	Plan(to, e.Now())
	return nil
}
