package sts

import (
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/sts"
)

// session is what every request for a role's session says.
type session struct {
	name     string
	seconds  *int32
	policy   *string
	policies []shape.PolicyDescriptorType
}

// roleSession is what every reply to one has.
type roleSession struct {
	user        *shape.AssumedRoleUser
	credentials *shape.Credentials
	packed      *int32
}

// openRole makes s a session of the role and gives it out.
func openRole(c *op.Call, role *directory.Role, s *directory.Session, asked session) (roleSession, error) {
	seconds, err := roleSeconds(c, role, asked.seconds)
	if err != nil {
		return roleSession{}, err
	}
	s.Account, s.Kind, s.Of, s.Name = role.Account, directory.RoleSession, role.ID, asked.name
	if err := limit(c, s, asked.policy, asked.policies); err != nil {
		return roleSession{}, err
	}
	size, err := packed(s)
	if err != nil {
		return roleSession{}, err
	}
	credentials, err := issue(c, s, seconds)
	if err != nil {
		return roleSession{}, err
	}
	return roleSession{
		user:        &shape.AssumedRoleUser{Arn: role.SessionARN(s.Name), AssumedRoleId: string(role.ID) + ":" + s.Name},
		credentials: credentials,
		packed:      size,
	}, nil
}

// roleSeconds is how long a session of a role lasts: an hour unless the request says
// otherwise, at most what the role says, and at most an hour for a caller that has a
// session itself, GetSessionToken's included.
func roleSeconds(c *op.Call, role *directory.Role, requested *int32) (int32, error) {
	seconds := secondsOr(requested, hour)
	switch {
	case seconds > hour && c.Caller.Session != nil:
		return 0, validationError("The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.")
	case seconds > role.MaxSession:
		return 0, validationError("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")
	}
	return seconds, nil
}
