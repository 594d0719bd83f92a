package sts

import (
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

const (
	hour = 3600 // the default of most sessions, and the most for some, in seconds
	// longestOwn is what a user's session lasts at most, and defaultOwn what it lasts
	// unless somebody says otherwise, in seconds.
	defaultOwn = 12 * hour
)

// issue completes a session of the caller's making and gives it out. Nothing is stored.
func issue(c *op.Call, s *directory.Session, seconds int32) (*shape.Credentials, error) {
	s.KeyID = c.IDs.TempKeyID(s.Account)
	s.Secret = c.IDs.SecretKey()
	s.Issued = directory.At(c.Now)
	s.Expires = directory.At(c.Now.Add(time.Duration(seconds) * time.Second))
	s.Began = beginning(&c.Caller)
	token, err := s.Token(c.Keyring)
	if err != nil {
		return nil, err
	}
	if len(token) > directory.MaxToken {
		return nil, errTokenTooLarge
	}
	return &shape.Credentials{
		AccessKeyId:     string(s.KeyID),
		SecretAccessKey: string(s.Secret),
		SessionToken:    token,
		Expiration:      s.Expires.Time(),
	}, nil
}

// beginning is the long-term key that the caller's chain of sessions began with.
func beginning(p *op.Principal) ids.KeyID {
	if p.Session != nil {
		return p.Session.Began
	}
	return p.KeyID
}

// secondsOr is a requested duration or its default.
func secondsOr(requested *int32, otherwise int32) int32 {
	if requested == nil {
		return otherwise
	}
	return *requested
}

// ownSeconds is how long a session of the caller itself lasts: for root an hour at most.
// https://docs.aws.amazon.com/STS/latest/APIReference/API_GetSessionToken.html
func ownSeconds(c *op.Call, requested *int32) int32 {
	if c.Caller.Kind == op.Root {
		return min(secondsOr(requested, hour), hour)
	}
	return secondsOr(requested, defaultOwn)
}

// bearerID is the caller's user or role; "" for root.
func bearerID(p *op.Principal) ids.EntityID {
	if p.Bearer == nil {
		return ""
	}
	return p.Bearer.ID
}
