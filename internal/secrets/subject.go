package secrets

import (
	"errors"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	"github.com/iamd-project/iamd/internal/store"
)

// subject is the secret that a request is about.
type subject struct {
	id    string            // as the request has it
	owner ids.Account       // whose it is or would be
	here  *directory.Secret // as it is in the region of the call; nil if there is none
	main  *directory.Secret // here, or the primary secret that here is a replica of
	arn   string            // "" if there is none
	words [2]string         // values of condition keys about it
}

// find looks for the secret that a request names: by name, by its ARN, or by the start
// of its ARN, without the hyphen and six characters that end it. An ARN that ends in a
// hyphen and six characters is taken to be whole, even if they are part of the name.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
func find(c *op.Call, id string) (*subject, error) {
	s := &subject{id: id, owner: c.Caller.Account}
	name, suffix, region := id, "", c.Region
	if strings.HasPrefix(id, "arn:") {
		a, err := arn.Parse(id)
		resource, ok := strings.CutPrefix(a.Resource, "secret:")
		if err != nil || !ok || a.Partition != "aws" || a.Service != "secretsmanager" {
			return nil, errName
		}
		s.owner, region = ids.Account(a.Account), a.Region
		name, suffix = splitSuffix(resource)
	}
	if !validName(name) {
		return nil, errName
	}
	if region != c.Region || len(region) > maxRegion {
		return s, nil
	}
	rec, err := directory.GetSecret(c.Snap, s.owner, region, name)
	if err != nil || rec == nil || gone(c, rec) || suffix != "" && suffix != rec.Suffix {
		return s, err
	}
	s.here, s.arn = rec, rec.ARN()
	s.main, err = directory.PrimaryOf(c.Snap, rec)
	return s, err
}

// gone reports whether a secret's time has come: it is as absent as it will be when
// somebody has swept it away.
func gone(c *op.Call, s *directory.Secret) bool {
	return s.Due != 0 && s.Due <= directory.At(c.Now)
}

// maxRegion is the longest name of a region that has secrets. The signer of a request
// says what its region is.
const maxRegion = 64

// splitSuffix takes the hyphen and six characters off the end of an ARN, if they are there.
func splitSuffix(resource string) (name, suffix string) {
	at := len(resource) - 7
	if at < 1 || resource[at] != '-' || strings.ContainsFunc(resource[at+1:], notAlphanumeric) {
		return resource, ""
	}
	return resource[:at], resource[at+1:]
}

func validName(name string) bool {
	return name != "" && len(name) <= 512 && !strings.ContainsFunc(name, func(r rune) bool {
		return notAlphanumeric(r) && !strings.ContainsRune("-/_+=.@!", r)
	})
}

func notAlphanumeric(r rune) bool {
	return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// found is the secret of a request, which Needs has looked for already.
func found(c *op.Call) (*subject, error) {
	s := c.Found.(*subject)
	if s.here == nil {
		return nil, errNoSecret
	}
	return s, nil
}

// live is a secret that is not marked for deletion.
func live(c *op.Call) (*subject, error) {
	s, err := found(c)
	if err == nil && s.here.Due != 0 {
		return nil, errMarked
	}
	return s, err
}

// own is a secret, and no replica, that is not marked for deletion: one to change.
func own(c *op.Call) (*directory.Secret, error) {
	s, err := found(c)
	if err != nil {
		return nil, err
	}
	if s.here.IsReplica() {
		return nil, errReplica
	}
	if s.here.Due != 0 {
		return nil, errMarked
	}
	return s.here, nil
}

// put stores a secret as it is now; nil is what a new one was.
func put(c *op.Call, was, s *directory.Secret) error {
	s.Changed = directory.At(c.Now)
	err := directory.PutSecret(c.Tx, was, s)
	if errors.Is(err, store.ErrTooLarge) {
		return invalidRequest("The description, tags, policy, rotation and versions of the secret are too large together.")
	}
	return err
}

func orElse[T any](p *T, otherwise T) T {
	if p == nil {
		return otherwise
	}
	return *p
}

// orNil is nil for a value that a reply leaves out.
func orNil[T comparable](v T) *T {
	var none T
	if v == none {
		return nil
	}
	return &v
}
