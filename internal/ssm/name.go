package ssm

import (
	"regexp"
	"strings"

	"github.com/iamd-project/iamd/arn"
	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/ids"
	"github.com/iamd-project/iamd/internal/op"
)

// The limits of names.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
const (
	mostARN    = 1011 // characters of the parameter's ARN
	mostLevels = 15
)

// wellFormed is a name, or a path, of one level or more.
var wellFormed = regexp.MustCompile(`^(?:[a-zA-Z0-9_.-]+|(?:/[a-zA-Z0-9_.-]+)+)$`)

var (
	errName = invalid("%s", `Parameter name: can't be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths `+
		`divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_`)
	errFlatName    = invalid("%s", `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive).`)
	errUnqualified = invalid("Parameter name must be a fully qualified name")
	errSelector    = invalid("Invalid parameter name. Please use correct syntax for referencing a version/label  <name>:<version/label>")
	errPath        = invalid("%s", `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". `+
		`It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the following symbols: `+
		`. (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". `+
		`Valid example: /get/parameters2-/by1./path0_.`)
	errLevels = awserr.New(400, "HierarchyLevelLimitExceededException", "A hierarchy can have a maximum of 15 levels.")
)

// reserved reports whether a name begins with a word that is reserved for AWS.
func reserved(name, word string) bool {
	name = strings.TrimPrefix(name, "/")
	return len(name) >= len(word) && strings.EqualFold(name[:len(word)], word)
}

// newName is the name that a parameter is to have, without the spaces around it.
func newName(c *op.Call, name string) (string, error) {
	name = strings.Trim(name, " ")
	levels := strings.Count(strings.TrimPrefix(name, "/"), "/") + 1
	switch {
	case levels > 1 && name[0] != '/':
		return "", errUnqualified
	case levels > 1 && reserved(name, "aws"):
		return "", awserr.New(400, "AccessDeniedException", "No access to reserved parameter name: %s.", name[1:])
	case levels == 1 && (reserved(name, "aws") || reserved(name, "ssm")):
		return "", errFlatName
	case reserved(name, "ssm") || !wellFormed.MatchString(name):
		return "", errName
	case levels > mostLevels:
		return "", errLevels
	case tooLong(c.Caller.Account, c.Region, name):
		return "", invalid("Parameter name: can't be longer than %d characters, together with the parts of its ARN before it.", mostARN)
	}
	return name, nil
}

func tooLong(a ids.Account, region, name string) bool {
	return len(directory.ParameterARN(a, region, name)) > mostARN
}

// reference is how requests name a parameter, or one version of it.
type reference struct {
	account  ids.Account
	region   string
	name     string
	selector string // a version or label; "" for the newest version
}

// refer reads a name, or an ARN, that may have a selector.
func refer(c *op.Call, text string) (reference, error) {
	ref := reference{account: c.Caller.Account, region: c.Region}
	text = strings.Trim(text, " ")
	if strings.HasPrefix(text, "arn:") {
		name, err := arn.Parse(text)
		path, ok := strings.CutPrefix(name.Resource, "parameter/")
		if err != nil || !ok || name.Service != "ssm" || name.Partition != "aws" {
			return reference{}, errName
		}
		ref.account, ref.region, text = ids.Account(name.Account), name.Region, "/"+path
	}
	name, selector, selected := strings.Cut(text, ":")
	if selected && (selector == "" || strings.Contains(selector, ":")) {
		return reference{}, errSelector
	}
	if !wellFormed.MatchString(name) || reserved(name, "ssm") {
		return reference{}, errName
	}
	ref.name, ref.selector = name, selector
	return ref, nil
}

// referWhole reads a name where no version may be meant.
func referWhole(c *op.Call, text string) (reference, error) {
	ref, err := refer(c, text)
	if err == nil && ref.selector != "" {
		err = errName
	}
	return ref, err
}

// find is the parameter that is meant, or nil. Those of other accounts and regions are
// out of reach: nothing shares parameters.
func (ref reference) find(c *op.Call) (*directory.Parameter, error) {
	if ref.account != c.Caller.Account || ref.region != c.Region || tooLong(ref.account, ref.region, ref.name) {
		return nil, nil
	}
	p, err := directory.GetParameter(c.Snap, ref.account, ref.region, ref.name)
	if err != nil || p == nil || expired(c, p) {
		return nil, err
	}
	return p, nil
}

// must is find for a parameter that has to be there.
func (ref reference) must(c *op.Call) (*directory.Parameter, error) {
	p, err := ref.find(c)
	if err == nil && p == nil {
		err = errNotFound
	}
	return p, err
}

// expired reports whether a policy of the parameter has deleted it.
func expired(c *op.Call, p *directory.Parameter) bool {
	return p.Expires != 0 && p.Expires <= directory.At(c.Now)
}
