package op

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// Quota is a limit of a service: what is in force, and the highest that whoever
// runs iamd may set.
type Quota struct {
	Limit, Most int
}

// Quotas are the quotas of a service by the names that its errors have for them.
// They are made before the first call and never change.
type Quotas map[string]Quota

// Quota is the limit in force. A name that the service does not list is a fault
// in the program.
func (c *Call) Quota(name string) int {
	q, ok := c.Quotas[name]
	if !ok {
		panic("op: there is no quota " + name)
	}
	return q.Limit
}

// With is a copy of q in which the limits that settings name are in force, and the
// settings that name none of q's. Each setting is NAME=N.
func (q Quotas) With(settings []string) (changed Quotas, others []string, err error) {
	changed = maps.Clone(q)
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		quota, ok := q[name]
		if !ok {
			others = append(others, setting)
			continue
		}
		n, err := strconv.Atoi(value)
		if err != nil || n < 0 || n > quota.Most {
			return nil, nil, fmt.Errorf("quota %s: %q is no number from 0 to %d", name, value, quota.Most)
		}
		quota.Limit = n
		changed[name] = quota
	}
	return changed, others, nil
}
