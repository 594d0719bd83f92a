package policy

import (
	"encoding/base64"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// boolTest is Bool: the words true and false, in any case.
type boolTest struct{ values foldTest }

func compileBool(values []string, variables bool) (test, error) {
	return boolTest{compilePatterns(values, patternSyntax{variables: variables})}, nil
}

func (t boolTest) match(value string, c Context) truth {
	if !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false") {
		return no
	}
	return t.values.match(value, c)
}

// binaryTest is BinaryEquals. Both sides are base64, the policy's by its grammar
// and the request's because a Context has texts.
type binaryTest []string

func compileBinary(values []string, _ bool) (test, error) {
	t := make(binaryTest, len(values))
	for i, v := range values {
		raw, err := base64.StdEncoding.DecodeString(v)
		if err != nil {
			return nil, fmt.Errorf("%q is not base64", v)
		}
		t[i] = base64.StdEncoding.EncodeToString(raw)
	}
	return t, nil
}

func (t binaryTest) match(value string, _ Context) truth {
	return truthOf(slices.Contains(t, value))
}

// ipTest is IpAddress: addresses and ranges, of either version.
type ipTest []netip.Prefix

func compileIP(values []string, _ bool) (test, error) {
	t := make(ipTest, len(values))
	for i, v := range values {
		p, err := parsePrefix(v)
		if err != nil {
			return nil, fmt.Errorf("%q is neither an address nor a range", v)
		}
		t[i] = p
	}
	return t, nil
}

// parsePrefix reads a range. An address is a range of one, and bits beyond the
// prefix do not count.
func parsePrefix(s string) (netip.Prefix, error) {
	if !strings.Contains(s, "/") {
		a, err := parseAddr(s)
		if err != nil {
			return netip.Prefix{}, err
		}
		return a.Prefix(a.BitLen())
	}
	p, err := netip.ParsePrefix(s)
	if err == nil && p.Addr().Is4In6() && p.Bits() >= 96 {
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), err
}

// parseAddr reads an address. ::ffff:10.0.0.1 is 10.0.0.1; a zone is not part of
// an address that comes from elsewhere.
func parseAddr(s string) (netip.Addr, error) {
	a, err := netip.ParseAddr(s)
	if err == nil && a.Zone() != "" {
		err = fmt.Errorf("%q has a zone", s)
	}
	return a.Unmap(), err
}

func (t ipTest) match(value string, _ Context) truth {
	a, err := parseAddr(value)
	if err != nil {
		return no
	}
	for _, p := range t {
		if p.Contains(a) {
			return yes
		}
	}
	return no
}

// nullTest is Null. Its value is the answer to: is the key absent?
type nullTest struct{ absent, present bool }

func compileNull(values []string, _ bool) (test, error) {
	var t nullTest
	for _, v := range values {
		switch {
		case strings.EqualFold(v, "true"):
			t.absent = true
		case strings.EqualFold(v, "false"):
			t.present = true
		default:
			return nil, fmt.Errorf("%q is neither true nor false", v)
		}
	}
	return t, nil
}

// presence says of a key's values what nullTest compares. An empty text is a value.
func presence(values []string) string {
	if len(values) == 0 {
		return "absent"
	}
	return "present"
}

func (t nullTest) match(value string, _ Context) truth {
	return truthOf(value == "absent" && t.absent || value == "present" && t.present)
}
