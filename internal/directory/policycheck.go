package directory

import (
	"iter"
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
)

// addPolicies adds the checks of policies and of who uses them.
func addPolicies(c *checker, spaces map[string]spaceCheck) {
	addKind(c, spaces, Policies, c.policy)
	c.counted = append(c.counted, PoliciesInUse)
	spaces[policyTexts], spaces[policyUses] = c.policyText, c.policyUse
	spaces[attachments], spaces[boundaries] = c.useOfPolicy, c.useOfPolicy
}

// policy makes sure that each version can be read and the default is one of them.
func (c *checker) policy(key string, p *Policy) error {
	if _, ok := p.Version(p.Default); !ok {
		c.problem("%s: its default version v%d does not exist", key, p.Default)
	}
	for _, v := range p.Versions {
		if v.Number > p.Last {
			c.problem("%s: has version v%d behind the last, v%d", key, v.Number, p.Last)
		}
		if _, err := PolicyText(c.r, p, v.Number); err != nil {
			c.problem("%s: %v", key, err)
		}
	}
	return nil
}

// policyText makes sure that a policy has this version.
func (c *checker) policyText(key string, _ []byte) error {
	part := strings.Split(key, "/")
	if len(part) != 4 {
		c.problem("%s: is no version of a policy", key)
		return nil
	}
	p, err := Policies.ByID(c.r, ids.Account(part[1]), ids.EntityID(part[2]))
	if err != nil {
		return err
	}
	number, _ := strconv.Atoi(part[3]) // no version has the number 0
	if p == nil {
		c.problem("%s: its policy does not exist", key)
	} else if _, ok := p.Version(number); !ok {
		c.problem("%s: its policy does not list it", key)
	}
	return nil
}

// policyUse counts again.
func (c *checker) policyUse(key string, value []byte) error {
	stored, err := decode[PolicyUse](key, value)
	if err != nil {
		return err
	}
	account, policy, _ := strings.Cut(strings.TrimPrefix(key, policyUses), "/")
	a, id := ids.Account(account), ids.EntityID(policy)
	var found PolicyUse
	if found.Attached, err = length(scanPairs(c.r, pairKey(attachments, a, id, ""), "")); err != nil {
		return err
	}
	if found.Boundary, err = length(scanPairs(c.r, pairKey(boundaries, a, id, ""), "")); err != nil {
		return err
	}
	if *stored != found {
		c.problem("%s: counts %+v where there are %+v", key, *stored, found)
	}
	return nil
}

// useOfPolicy makes sure that a policy exists, that its uses are counted, and that
// it is used by the entity that the entry leads to.
func (c *checker) useOfPolicy(key string, value []byte) error {
	part := strings.Split(key, "/")
	if len(part) != 4 {
		c.problem("%s: is no use of a policy", key)
		return nil
	}
	a, policy := ids.Account(part[1]), ids.EntityID(part[2])
	p, err := PolicyByID(c.r, a, policy)
	if err != nil {
		return err
	}
	if p == nil {
		c.problem("%s: the policy does not exist", key)
	}
	if _, ok, err := c.r.Get(policyUseKey(a, policy)); err != nil {
		return err
	} else if !ok {
		c.problem("%s: the uses of the policy are not counted", key)
	}
	switch {
	case strings.HasPrefix(string(value), string(ids.Group)):
		return checkIndex(c, Groups, key, string(value))
	case strings.HasPrefix(string(value), string(ids.Role)):
		return checkIndex(c, Roles, key, string(value))
	default:
		return checkIndex(c, Users, key, string(value))
	}
}

func length(seq iter.Seq2[ids.EntityID, error]) (n int, err error) {
	for _, err := range seq {
		if err != nil {
			return 0, err
		}
		n++
	}
	return n, nil
}
