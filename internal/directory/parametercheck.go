package directory

import (
	"strconv"
	"strings"

	"github.com/iamd-project/iamd/internal/ids"
)

// addParameters adds the checks of parameters and of what belongs to them.
func addParameters(c *checker, spaces map[string]spaceCheck) {
	spaces[parameters], spaces[parameterCounts] = c.parameter, c.parameterCount
	spaces[parameterVersions], spaces[parameterLabels] = c.parameterVersion, c.parameterLabels
	spaces[parametersGone] = func(key string, value []byte) error {
		_, err := decode[ParameterGone](key, value)
		return err
	}
}

// parameter makes sure that its versions are there and that it is counted.
func (c *checker) parameter(key string, value []byte) error {
	p, err := decode[Parameter](key, value)
	if err != nil {
		return err
	}
	if parameterKey(p.Account, p.Region, p.Name) != key {
		c.problem("%s: holds parameter %s of %s in %s", key, p.Name, p.Account, p.Region)
	}
	for number := p.First; number <= p.Last; number++ {
		if _, err := p.Version(c.r, number); err != nil {
			c.problem("%s: %v", key, err)
		}
	}
	if n, err := ParametersIn(c.r, p.Account, p.Region); err != nil || n == (ParameterCount{}) {
		c.problem("%s: is not counted", key)
	}
	a, err := GetAccount(c.r, p.Account)
	if err == nil && a == nil {
		c.problem("%s: account %s does not exist", key, p.Account)
	}
	return err
}

// parameterCount counts again.
func (c *checker) parameterCount(key string, value []byte) error {
	stored, err := decode[ParameterCount](key, value)
	if err != nil {
		return err
	}
	account, region, _ := strings.Cut(strings.TrimPrefix(key, parameterCounts), "/")
	var n ParameterCount
	for p, err := range ListParameters(c.r, ids.Account(account), region, "", "") {
		if err != nil {
			return err
		}
		n.add(p, 1)
	}
	if n != *stored {
		c.problem("%s: counts %+v, and there are %+v", key, *stored, n)
	}
	return nil
}

// parameterVersion makes sure that its parameter has it, or that it is to be removed.
func (c *checker) parameterVersion(key string, value []byte) error {
	v, err := decode[ParameterVersion](key, value)
	if err != nil {
		return err
	}
	part := strings.Split(key, "/")
	if len(part) != 4 {
		c.problem("%s: is no version of a parameter", key)
		return nil
	}
	account, id := ids.Account(part[1]), part[2]
	if number, err := strconv.ParseInt(part[3], 10, 64); err != nil || number != v.Number {
		c.problem("%s: holds version %d", key, v.Number)
	}
	if v.Sealed != nil {
		if _, err := c.ring.Open(v.Sealed, key); err != nil {
			c.problem("%s: its value cannot be opened", key)
		}
	}
	p, err := GetParameter(c.r, account, v.Region, v.Name)
	if err != nil || p != nil && p.ID == id && p.First <= v.Number && v.Number <= p.Last {
		return err
	}
	g, err := get[ParameterGone](c.r, parametersGoneKey(account, id))
	if err == nil && (g == nil || v.Number < g.Next || v.Number > g.Last) {
		c.problem("%s: no parameter has it", key)
	}
	return err
}

// parameterLabels makes sure that they are on versions of a parameter.
func (c *checker) parameterLabels(key string, value []byte) error {
	l, err := decode[ParameterLabels](key, value)
	if err != nil {
		return err
	}
	account, id, _ := strings.Cut(strings.TrimPrefix(key, parameterLabels), "/")
	p, err := GetParameter(c.r, ids.Account(account), l.Region, l.Name)
	if err != nil {
		return err
	}
	if p == nil || p.ID != id {
		c.problem("%s: its parameter does not exist", key)
		return nil
	}
	for _, x := range l.List {
		if x.Version < p.First || x.Version > p.Last {
			c.problem("%s: label %s is on version %d, which does not exist", key, x.Label, x.Version)
		}
	}
	return nil
}
