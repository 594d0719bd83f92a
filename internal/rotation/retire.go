package rotation

import (
	"context"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/shapes/iam"
	"github.com/iamd-project/iamd/internal/store"
)

// retireAgain is how long after a refusal an old key is seen to again.
const retireAgain = 15 * time.Minute

// old is what is known of a key on its way out.
type old struct {
	key  *directory.AccessKey // nil if it is gone
	user string
	used *directory.LastUsed // nil for never
}

// retire does what is next for the key from before the last rotation: it goes Inactive
// when nobody has used it for as long as its grace, and later it is deleted.
func (e *Engine) retire(ctx context.Context, s *directory.Secret) error {
	k, err := e.lookUp(ctx, s.Rotation.Retiring.ID)
	if err != nil {
		return err
	}
	set, now := settingsOf(s), directory.At(e.Now())
	was := *s.Rotation.Retiring
	next := &was
	switch {
	case k.key == nil || k.user == "":
		next = nil
	case k.key.Active && was.Inactive: // by somebody who needs it
		next.Inactive, next.Since, next.Due = false, now, now+millis(set.grace)
	case k.key.Active && k.used != nil && k.used.Date > was.Since && now < k.used.Date+millis(set.grace):
		next.Use, next.Due = k.used, k.used.Date+millis(set.grace)
	case k.key.Active:
		_, err = do[op.None](ctx, e, s, &iam.UpdateAccessKeyRequest{UserName: &k.user, AccessKeyId: string(was.ID), Status: iam.StatusTypeInactive})
		next.Inactive, next.Use, next.Due = true, nil, now+millis(set.keep)
	case !was.Inactive: // somebody else was faster
		next.Inactive, next.Use, next.Due = true, nil, now+millis(set.keep)
	default:
		_, err = do[op.None](ctx, e, s, &iam.DeleteAccessKeyRequest{UserName: &k.user, AccessKeyId: string(was.ID)})
		next = nil
	}
	return e.retired(ctx, s, next, err)
}

// retired writes down how far the old key of s has got.
func (e *Engine) retired(ctx context.Context, s *directory.Secret, next *directory.RetiringKey, refused error) error {
	return e.change(ctx, s, func(tx store.Tx, to *directory.Secret) error {
		was := to.Rotation.Retiring
		if was == nil || was.ID != s.Rotation.Retiring.ID {
			return nil
		}
		if refused != nil && !refusedWith(refused, "NoSuchEntity") {
			to.Rotation.Failure = e.reason(s, refused)
			was.Due = directory.At(e.Now().Add(retireAgain))
			return nil
		}
		to.Rotation.Retiring = next
		if next == nil || next.Use == nil || sameUser(next.Use, was.Use) {
			return nil
		}
		e.log().Warn("an old access key is still in use", "secret", place(s), "key", string(next.ID),
			"service", next.Use.Service, "region", next.Use.Region, "source", next.Use.Source)
		return e.tell(tx, to, "RotationKeyInUse", [2]string{"AccessKeyId", string(next.ID)},
			[2]string{"Service", next.Use.Service}, [2]string{"Region", next.Use.Region},
			[2]string{"SourceIPAddress", next.Use.Source}, [2]string{"LastUsed", next.Use.Date.Time().Format(time.RFC3339)})
	})
}

// sameUser reports whether both uses look like the same client's.
func sameUser(a, b *directory.LastUsed) bool {
	return a != nil && b != nil && a.Service == b.Service && a.Region == b.Region && a.Source == b.Source
}

// lookUp reads what is known of a key, its latest use included.
func (e *Engine) lookUp(ctx context.Context, id ids.KeyID) (k old, err error) {
	if err := e.Flush(ctx); err != nil {
		return k, err
	}
	err = e.Store.View(ctx, func(r store.Reader) error {
		if k.key, err = directory.GetAccessKey(r, id); err != nil || k.key == nil || k.key.IsRoot() {
			return err
		}
		u, err := directory.KeyUser(r, k.key)
		if err != nil {
			return err
		}
		k.user = u.Name
		k.used, err = directory.GetLastUsed(r, id)
		return err
	})
	return k, err
}

func millis(d time.Duration) directory.Millis { return directory.Millis(d.Milliseconds()) }
