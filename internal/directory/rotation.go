package directory

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/store"
)

// SecretRotation is how a secret is to be rotated, and how that goes.
type SecretRotation struct {
	Enabled  bool   `cbor:"1,keyasint"`
	Lambda   string `cbor:"2,keyasint,omitempty"` // ARN of the function that does it
	Days     int64  `cbor:"3,keyasint,omitempty"` // between two rotations; zero when there is a schedule
	Schedule string `cbor:"4,keyasint,omitempty"`
	Duration string `cbor:"5,keyasint,omitempty"` // of the window in which it may begin
	Role     string `cbor:"6,keyasint,omitempty"` // for secrets held by others
	Metadata []Tag  `cbor:"7,keyasint,omitempty"` // for secrets held by others

	// What a rotation by a function that runs here has besides.
	As       *Standing     `cbor:"8,keyasint,omitempty"`  // who named the function, and lends it their permissions
	User     ids.EntityID  `cbor:"9,keyasint,omitempty"`  // whose keys the secret holds
	Next     Millis        `cbor:"10,keyasint,omitempty"` // when the next one begins; zero for never
	Until    Millis        `cbor:"11,keyasint,omitempty"` // when its window closes
	Last     Millis        `cbor:"12,keyasint,omitempty"` // when one last succeeded
	Work     *RotationWork `cbor:"13,keyasint,omitempty"` // the one going on
	Retiring *RetiringKey  `cbor:"14,keyasint,omitempty"` // the key that was current before
	Failure  string        `cbor:"15,keyasint,omitempty"` // why the last attempt came to nothing
	Key      ids.KeyID     `cbor:"16,keyasint,omitempty"` // that is current, as far as rotations know
}

// Keys are the access keys that the rotation knows of: the current one, one that is being
// made, and one from before.
func (r *SecretRotation) Keys() (list []ids.KeyID) {
	add := func(id ids.KeyID) {
		if id != "" && !slices.Contains(list, id) {
			list = append(list, id)
		}
	}
	add(r.Key)
	if r.Work != nil {
		add(r.Work.Key)
	}
	if r.Retiring != nil {
		add(r.Retiring.ID)
	}
	return list
}

// RotationStep is what a rotation does next, in the words of AWS.
type RotationStep string

// The steps of a rotation, and the two around them.
const (
	RotationAsked  RotationStep = "" // nobody has been told of it
	RotationCreate RotationStep = "createSecret"
	RotationSet    RotationStep = "setSecret"
	RotationTest   RotationStep = "testSecret"
	RotationFinish RotationStep = "finishSecret"
	RotationUndo   RotationStep = "undo" // of what was made
)

// RotationWork is a rotation that goes on.
type RotationWork struct {
	Version  string       `cbor:"1,keyasint"` // of the secret, that is to become current
	Step     RotationStep `cbor:"2,keyasint,omitempty"`
	Try      Millis       `cbor:"3,keyasint"`           // when to go on
	Attempts int          `cbor:"4,keyasint,omitempty"` // that failed
	Key      ids.KeyID    `cbor:"5,keyasint,omitempty"` // that was made
	Old      ids.KeyID    `cbor:"6,keyasint,omitempty"` // that it takes the place of; "" for none
	From     string       `cbor:"7,keyasint,omitempty"` // the version that was current when it was made
	Test     bool         `cbor:"8,keyasint,omitempty"` // it tests how the secret is to be rotated, and makes no key
}

// RetiringKey is a key that is not the current one any more, and works still.
type RetiringKey struct {
	ID       ids.KeyID `cbor:"1,keyasint"`
	Since    Millis    `cbor:"2,keyasint"`           // when the other became current, or this one was activated again
	Due      Millis    `cbor:"3,keyasint"`           // when to see to it
	Inactive bool      `cbor:"4,keyasint,omitempty"` // it was deactivated
	Use      *LastUsed `cbor:"5,keyasint,omitempty"` // the last since then: it is waited for
}

// due is when there is something to do; zero for never.
func (r *SecretRotation) due() Millis {
	due := Millis(0)
	sooner := func(m Millis) {
		if m != 0 && (due == 0 || m < due) {
			due = m
		}
	}
	if r.Work != nil {
		sooner(r.Work.Try)
	} else if r.Enabled {
		sooner(r.Next)
	}
	if r.Retiring != nil {
		sooner(r.Retiring.Due)
	}
	return due
}

// RotationDue is when its rotation has something to do; zero for never.
func (s *Secret) RotationDue() Millis {
	if s.Rotation == nil || s.Due != 0 {
		return 0
	}
	return s.Rotation.due()
}

// rotationKey is where the secret stands in the order of rotations; "" for nowhere. That
// of a secret marked for deletion waits until it is restored.
func (s *Secret) rotationKey() string {
	due := s.RotationDue()
	if due == 0 {
		return ""
	}
	return rotationsDue + TimeKey(due) + "/" + strings.TrimPrefix(s.key(), secrets)
}

// keyedKeys are the entries that lead to the secret from the keys that its rotation knows of.
func (s *Secret) keyedKeys() (list []string) {
	if s.Rotation == nil {
		return nil
	}
	for _, id := range s.Rotation.Keys() {
		list = append(list, rotatedKeys+string(id)+"/"+strings.TrimPrefix(s.key(), secrets))
	}
	return list
}

// moveRotation keeps the indexes of rotations.
func moveRotation(tx store.Tx, was, s *Secret) error {
	before, after := was.keyedKeys(), s.keyedKeys()
	for _, key := range before {
		if slices.Contains(after, key) {
			continue
		}
		if err := tx.Delete(key); err != nil {
			return err
		}
	}
	for _, key := range after {
		if slices.Contains(before, key) {
			continue
		}
		if err := tx.Put(key, []byte(s.Name)); err != nil {
			return err
		}
	}
	from, to := was.rotationKey(), s.rotationKey()
	if from == to {
		return nil
	}
	if from != "" {
		if err := tx.Delete(from); err != nil {
			return err
		}
	}
	if to == "" {
		return nil
	}
	return tx.Put(to, []byte(s.Name))
}

// RotationCall is where the reply to one of a rotation's calls is kept, by the name of its
// operation.
func (s *Secret) RotationCall(version, operation string) Reply {
	return Reply{rotationCalls + s.own() + "\x00" + version + "\x00" + operation}
}

// rotationCalls begins the tokens of rotations' calls.
const rotationCalls = "rotation/"

// ForgetRotationCalls deletes the replies to the calls of the work on s.
func ForgetRotationCalls(tx store.Tx, s *Secret) error {
	if s.Rotation == nil || s.Rotation.Work == nil {
		return nil
	}
	prefix := s.RotationCall(s.Rotation.Work.Version, "").key()
	var keys []string
	for pair, err := range tx.Scan(prefix, store.PrefixEnd(prefix)) {
		if err != nil {
			return err
		}
		keys = append(keys, pair.Key)
	}
	return deleteAll(tx, keys)
}

// RotationsDue returns up to most secrets whose rotation has something to do by now, those
// first that have waited longest, but for those that skip knows of; and when the next is
// due that is not by now, zero for never. Of those that are not due it looks at the time
// of one.
func RotationsDue(r store.Reader, now Millis, most int, skip func(*Secret) bool) (due []*Secret, next Millis, err error) {
	for pair, err := range r.Scan(rotationsDue, store.PrefixEnd(rotationsDue)) {
		if err != nil {
			return nil, 0, err
		}
		if at, err := rotationTime(pair.Key); err != nil || at > now {
			return due, at, err
		}
		s, err := rotationAt(r, pair.Key)
		if err != nil {
			return nil, 0, err
		}
		if skip(s) {
			continue
		}
		if len(due) == most {
			return due, now, nil
		}
		due = append(due, s)
	}
	return due, 0, nil
}

// SecretOfKey is a secret whose rotation knows of an access key, or nil.
func SecretOfKey(r store.Reader, id ids.KeyID) (*Secret, error) {
	prefix := rotatedKeys + string(id) + "/"
	for pair, err := range r.Scan(prefix, store.PrefixEnd(prefix)) {
		if err != nil {
			return nil, err
		}
		return secretOfKey(r, pair.Key)
	}
	return nil, nil
}

// secretOfKey goes from an entry of the index to the secret that it must lead to.
func secretOfKey(r store.Reader, index string) (*Secret, error) {
	part := strings.SplitN(index, "/", 5)
	if len(part) < 5 {
		return nil, fmt.Errorf("index %s leads to no secret", index)
	}
	s, err := GetSecret(r, ids.Account(part[2]), part[3], part[4])
	if err == nil && (s == nil || !slices.Contains(s.keyedKeys(), index)) {
		err = fmt.Errorf("index %s leads to no such secret", index)
	}
	return s, err
}

// rotatedKey compares an entry of the index with its secret.
func (c *checker) rotatedKey(key string, value []byte) error {
	s, err := secretOfKey(c.r, key)
	if err == nil && s.Name != string(value) {
		c.problem("%s: leads to %q", key, value)
	}
	return err
}

// rotationTime is the time in an entry of the index.
func rotationTime(index string) (Millis, error) {
	text, _, _ := strings.Cut(strings.TrimPrefix(index, rotationsDue), "/")
	at, err := strconv.ParseInt(text, 10, 64)
	return Millis(at), err
}

// rotationAt goes from an entry of the index to the secret that it must lead to.
func rotationAt(r store.Reader, index string) (*Secret, error) {
	part := strings.SplitN(index, "/", 5)
	if len(part) < 5 {
		return nil, fmt.Errorf("index %s leads to no secret", index)
	}
	s, err := GetSecret(r, ids.Account(part[2]), part[3], part[4])
	if err == nil && (s == nil || s.rotationKey() != index) {
		err = fmt.Errorf("index %s leads to no such secret", index)
	}
	return s, err
}

// rotationDue compares an entry of the index with its secret.
func (c *checker) rotationDue(key string, value []byte) error {
	s, err := rotationAt(c.r, key)
	if err == nil && s.Name != string(value) {
		c.problem("%s: leads to %q", key, value)
	}
	return err
}

// rotationReply makes sure that the rotation that it is a part of still goes on.
func (c *checker) rotationReply(key string) error {
	call, _, _ := cutLast(strings.TrimPrefix(key, replies+rotationCalls), "\x00") // without the operation
	own, version, _ := cutLast(call, "\x00")
	s, _, err := c.secretOf(own + "\x00")
	if err == nil && (s == nil || s.Rotation == nil || s.Rotation.Work == nil || s.Rotation.Work.Version != version) {
		c.problem("%q: the rotation that it is a part of is over", key)
	}
	return err
}

// cutLast cuts s at the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	if at := strings.LastIndex(s, sep); at >= 0 {
		return s[:at], s[at+len(sep):], true
	}
	return s, "", false
}
