package policy_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// This file is a second evaluator, as simple as it can be: it walks over the JSON
// of the policies with AWS's documentation open beside it, and shares no code with
// the first. It is slow and does not validate.

type object = map[string]any

// The principal's relation to a resource's policy, from loose to close.
const (
	byNobody = iota
	byAccount
	byRole
	byName
)

type naiveVerdict struct {
	deny    bool
	allow   int
	matched []string
}

func naive(q *question) answer {
	identity := naiveAll(q, "identity", q.Identity)
	boundary := naiveAll(q, "boundary", q.Boundary)
	session := naiveAll(q, "session", q.Session)
	resource := naiveAll(q, "resource", q.Resource)
	resourceName, required := "resource-based policy", q.Required
	if len(q.Trust) > 0 {
		resource = naiveAll(q, "trust", q.Trust)
		resourceName, required = "role trust policy", true
	}
	a := answer{Matched: slices.Concat(identity.matched, boundary.matched, session.matched, resource.matched)}

	// "An explicit deny in any of these policies overrides the allow."
	deny := func(by string) answer { a.Decision, a.By = "explicitDeny", by; return a }
	lack := func(by string) answer { a.Decision, a.By = "implicitDeny", by; return a }
	if identity.deny {
		return deny("identity-based policy")
	}
	if boundary.deny {
		return deny("permissions boundary")
	}
	if session.deny {
		return deny("session policy")
	}
	if resource.deny {
		return deny(resourceName)
	}

	p := q.Request.Principal
	a.Decision = "allowed"
	if p.Type == "Anonymous" || p.Type == "Service" || p.Type == "Provider" {
		if resource.allow == byNobody {
			return lack(resourceName)
		}
		return a
	}
	crossAccount := q.Request.Account != "" && q.Request.Account != p.Account
	if !crossAccount && resource.allow == byName {
		return a
	}
	viaRole := !crossAccount && resource.allow == byRole
	if !viaRole && identity.allow == byNobody && p.Type != "Root" {
		return lack("identity-based policy")
	}
	if q.Boundary != nil && boundary.allow == byNobody {
		return lack("permissions boundary")
	}
	if q.Session != nil && session.allow == byNobody || q.Session == nil && p.Type == "FederatedUser" {
		return lack("session policy")
	}
	if (crossAccount || required) && resource.allow == byNobody {
		return lack(resourceName)
	}
	return a
}

func naiveAll(q *question, name string, texts []json.RawMessage) naiveVerdict {
	var v naiveVerdict
	for i, text := range texts {
		var doc object
		if err := json.Unmarshal(text, &doc); err != nil {
			panic(err)
		}
		statements, ok := doc["Statement"].([]any)
		if !ok {
			statements = []any{doc["Statement"]}
		}
		for j, s := range statements {
			st := s.(object)
			relation := naiveApplies(q, st, doc["Version"] == "2012-10-17")
			if relation == byNobody {
				continue
			}
			v.matched = append(v.matched, fmt.Sprintf("%s/%d/%d", name, i, j))
			if st["Effect"] == "Deny" {
				v.deny = true
			} else {
				v.allow = max(v.allow, relation)
			}
		}
	}
	return v
}

func naiveApplies(q *question, st object, variables bool) int {
	e := env{q: q, variables: variables}
	if !e.actions(st) || !e.resources(st) {
		return byNobody
	}
	for operator, keys := range objectOf(st["Condition"]) {
		for key, values := range objectOf(keys) {
			if !e.condition(operator, key, textsOf(values)) {
				return byNobody
			}
		}
	}
	return e.principals(st)
}

type env struct {
	q         *question
	variables bool
}

func objectOf(v any) object {
	o, _ := v.(object)
	return o
}

func textsOf(v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var texts []string
	for _, item := range list {
		if n, ok := item.(float64); ok {
			texts = append(texts, big.NewFloat(n).Text('f', -1))
			continue
		}
		texts = append(texts, fmt.Sprint(item))
	}
	return texts
}

func (e *env) actions(st object) bool {
	match := func(patterns any) bool {
		return slices.ContainsFunc(textsOf(patterns), func(p string) bool {
			return regexp.MustCompile("(?is)^" + globExpression(p) + "$").MatchString(e.q.Request.Action)
		})
	}
	if not, ok := st["NotAction"]; ok {
		return !match(not)
	}
	return match(st["Action"])
}

func globExpression(p string) string {
	p = regexp.QuoteMeta(p)
	return strings.NewReplacer(`\*`, `.*`, `\?`, `.`).Replace(p)
}

func (e *env) resources(st object) bool {
	not, isNot := st["NotResource"]
	yes, isYes := st["Resource"]
	switch {
	case isNot:
		matched, unsure := e.anyResource(textsOf(not))
		return !matched && !unsure
	case isYes:
		matched, _ := e.anyResource(textsOf(yes))
		return matched
	}
	return true // a trust policy
}

func (e *env) anyResource(patterns []string) (matched, unsure bool) {
	for _, p := range patterns {
		glyphs, ok := e.substitute(p, true)
		if !ok {
			unsure = true
			continue
		}
		matched = matched || regexp.MustCompile(resourceExpression(glyphs)).MatchString(e.q.Request.Resource)
	}
	return matched, unsure
}

// A glyph is a character of a pattern; wild ones are wildcards.
type glyph struct {
	r    rune
	wild bool
}

// substitute replaces the variables in a pattern with what they stand for.
func (e *env) substitute(p string, wildcards bool) ([]glyph, bool) {
	var out []glyph
	variable := regexp.MustCompile(`^\$\{((?:[^}']|'[^']*')+)\}`)
	for p != "" {
		if m := variable.FindStringSubmatch(p); m != nil && e.variables {
			value, ok := e.variable(m[1])
			if !ok {
				return nil, false
			}
			for _, r := range value {
				out = append(out, glyph{r, false})
			}
			p = p[len(m[0]):]
			continue
		}
		r, n := utf8.DecodeRuneInString(p)
		out = append(out, glyph{r, wildcards && (r == '*' || r == '?')})
		p = p[n:]
	}
	return out, true
}

func (e *env) variable(inside string) (string, bool) {
	if inside == "*" || inside == "?" || inside == "$" {
		return inside, true
	}
	name, rest, _ := strings.Cut(inside, ",")
	values := e.values(strings.TrimSpace(name))
	rest = strings.TrimSpace(rest)
	switch {
	case len(values) == 1:
		return values[0], true
	case len(values) == 0 && len(rest) >= 2 && rest[0] == '\'' && rest[len(rest)-1] == '\'':
		return rest[1 : len(rest)-1], true
	}
	return "", false
}

func (e *env) values(key string) []string {
	for k, v := range e.q.Request.Context {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return nil
}

// resourceExpression: wildcards stay in their segment, unless a star ends it; the
// sixth segment is all that is left, and missing segments are stars.
func resourceExpression(glyphs []glyph) string {
	if len(glyphs) == 1 && glyphs[0].r == '*' {
		return "(?s)^.*$"
	}
	colons := 0
	var b strings.Builder
	for i, g := range glyphs {
		last := i+1 == len(glyphs) || glyphs[i+1].r == ':'
		switch {
		case !g.wild:
			b.WriteString(regexp.QuoteMeta(string(g.r)))
		case g.r == '*' && (last || colons >= 5):
			b.WriteString(".*")
		case g.r == '*':
			b.WriteString("[^:]*")
		case colons >= 5:
			b.WriteString(".")
		default:
			b.WriteString("[^:]")
		}
		if g.r == ':' {
			colons++
		}
	}
	for ; colons < 5; colons++ {
		b.WriteString(":.*")
	}
	return "(?s)^" + b.String() + "$"
}

func (e *env) principals(st object) int {
	if not, ok := st["NotPrincipal"]; ok {
		if e.q.Boundary != nil || !e.excepted(objectOf(not), not == "*") {
			return byName
		}
		return byNobody
	}
	element, ok := st["Principal"]
	if !ok || element == "*" {
		return byName
	}
	p, o := e.q.Request.Principal, objectOf(element)
	listed := func(kind, value string) bool {
		return o[kind] != nil && value != "" && slices.Contains(textsOf(o[kind]), value)
	}
	switch p.Type {
	case "Service":
		if listed("Service", "*") || slices.ContainsFunc(p.Services, func(s string) bool { return listed("Service", s) }) {
			return byName
		}
		return byNobody
	case "Provider":
		if listed("Federated", "*") || listed("Federated", p.ARN) {
			return byName
		}
		return byNobody
	case "Anonymous":
		if listed("AWS", "*") {
			return byName
		}
		return byNobody
	}
	account := e.accountListed(o)
	switch {
	case listed("AWS", "*"), listed("AWS", p.ARN):
		return byName
	case p.Type == "User" && listed("AWS", p.ID), p.Type == "Root" && account:
		return byName
	case p.Source != "" && (listed("AWS", p.Source) || listed("AWS", p.ID)):
		return byRole
	case account:
		return byAccount
	}
	return byNobody
}

func (e *env) accountListed(o object) bool {
	p := e.q.Request.Principal
	for _, value := range textsOf(o["AWS"]) {
		f := strings.Split(value, ":")
		if value == p.Account || len(f) == 6 && f[2] == "iam" && f[4] == p.Account && f[5] == "root" {
			return p.Account != ""
		}
	}
	return p.Canonical != "" && slices.Contains(textsOf(o["CanonicalUser"]), p.Canonical)
}

// excepted: a NotPrincipal spares those whose account, role and session it lists.
func (e *env) excepted(o object, everybody bool) bool {
	p := e.q.Request.Principal
	has := func(kind, value string) bool {
		return o[kind] != nil && value != "" && slices.Contains(textsOf(o[kind]), value)
	}
	switch {
	case everybody:
		return true
	case p.Type == "Service":
		return has("Service", "*") || slices.ContainsFunc(p.Services, func(s string) bool { return has("Service", s) })
	case p.Type == "Provider":
		return has("Federated", "*") || has("Federated", p.ARN)
	case has("AWS", "*"):
		return true
	case p.Type == "Anonymous":
		return false
	}
	account := e.accountListed(o)
	if p.Type == "Root" {
		return account
	}
	role := p.Source == "" || has("AWS", p.Source) || has("AWS", p.ID)
	itself := has("AWS", p.ARN) || p.Type == "User" && has("AWS", p.ID)
	return account && role && itself
}

// condition follows the page on operators, then the one on multivalued keys.
func (e *env) condition(operator, key string, wanted []string) bool {
	values := e.values(key)
	if operator == "Null" {
		return slices.ContainsFunc(wanted, func(w string) bool {
			return strings.EqualFold(w, fmt.Sprint(len(values) == 0))
		})
	}
	set, base, found := strings.Cut(operator, ":")
	if !found {
		set, base = "", operator
	}
	base, ifExists := strings.CutSuffix(base, "IfExists")
	negated := strings.Contains(base, "Not")
	base = strings.Replace(base, "Not", "", 1)
	if len(values) == 0 {
		switch {
		case ifExists || set == "ForAllValues":
			return true
		case set == "ForAnyValue":
			return false
		}
		return negated
	}
	null := !slices.ContainsFunc(values, func(v string) bool { return v != "" })
	one := func(v string) bool {
		matched, unsure := e.compareAny(base, v, wanted)
		if negated {
			return !matched && !unsure
		}
		return matched
	}
	failed := slices.ContainsFunc(values, func(v string) bool { return !one(v) })
	passed := slices.ContainsFunc(values, one)
	switch {
	case set == "ForAllValues":
		return null || !failed
	case set == "ForAnyValue":
		return !null && passed
	case negated:
		return !failed
	}
	return passed
}

func (e *env) compareAny(base, value string, wanted []string) (matched, unsure bool) {
	for _, w := range wanted {
		m, ok := e.compare(base, value, w)
		matched, unsure = matched || m, unsure || !ok
	}
	return matched, unsure
}

func (e *env) compare(base, value, wanted string) (matched, known bool) {
	switch {
	case strings.HasPrefix(base, "Numeric"):
		if !decimal.MatchString(value) {
			return false, true
		}
		a, okA := new(big.Rat).SetString(value)
		b, okB := new(big.Rat).SetString(wanted)
		return okA && okB && ordered(base, a.Cmp(b)), true
	case strings.HasPrefix(base, "Date"):
		a, okA := naiveDate(value)
		b, okB := naiveDate(wanted)
		return okA && okB && ordered(base, a.Compare(b)), true
	case base == "IpAddress":
		return naiveIP(value, wanted), true
	case base == "BinaryEquals":
		a, errA := base64.StdEncoding.DecodeString(value)
		b, errB := base64.StdEncoding.DecodeString(wanted)
		return errA == nil && errB == nil && string(a) == string(b), true
	}
	glyphs, ok := e.substitute(wanted, base == "StringLike" || strings.HasPrefix(base, "Arn"))
	if !ok {
		// Only what is an ARN at all, or a truth value, is compared.
		arn := strings.HasPrefix(base, "Arn") && !naiveIsARN(value)
		truth := base == "Bool" && !strings.EqualFold(value, "true") && !strings.EqualFold(value, "false")
		return false, arn || truth
	}
	switch base {
	case "StringEquals":
		return plainText(glyphs) == value, true
	case "StringEqualsIgnoreCase":
		return strings.EqualFold(plainText(glyphs), value), true
	case "Bool":
		truth := strings.EqualFold(value, "true") || strings.EqualFold(value, "false")
		return truth && strings.EqualFold(plainText(glyphs), value), true
	case "StringLike":
		return regexp.MustCompile("(?s)^" + glyphExpression(glyphs) + "$").MatchString(value), true
	}
	return naiveARN(glyphs, wanted, value), true
}

var decimal = regexp.MustCompile(`^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$`)

func naiveIsARN(s string) bool { return strings.HasPrefix(s, "arn:") && strings.Count(s, ":") >= 5 }

// naiveARN compares "each of the six colon-delimited components".
func naiveARN(glyphs []glyph, wanted, value string) bool {
	if !naiveIsARN(value) {
		return false
	}
	if wanted == "*" {
		return true
	}
	var segments [6][]glyph
	n := 0
	for _, g := range glyphs {
		if g.r == ':' && n < 5 {
			n++
			continue
		}
		segments[n] = append(segments[n], g)
	}
	if n < 5 {
		return false
	}
	for i, segment := range strings.SplitN(value, ":", 6) {
		if !regexp.MustCompile("(?s)^" + glyphExpression(segments[i]) + "$").MatchString(segment) {
			return false
		}
	}
	return true
}

func plainText(glyphs []glyph) string {
	var b strings.Builder
	for _, g := range glyphs {
		b.WriteRune(g.r)
	}
	return b.String()
}

func glyphExpression(glyphs []glyph) string {
	var b strings.Builder
	for _, g := range glyphs {
		switch {
		case g.wild && g.r == '*':
			b.WriteString(".*")
		case g.wild:
			b.WriteString(".")
		default:
			b.WriteString(regexp.QuoteMeta(string(g.r)))
		}
	}
	return b.String()
}

func ordered(base string, c int) bool {
	switch {
	case strings.HasSuffix(base, "LessThan"):
		return c < 0
	case strings.HasSuffix(base, "LessThanEquals"):
		return c <= 0
	case strings.HasSuffix(base, "GreaterThan"):
		return c > 0
	case strings.HasSuffix(base, "GreaterThanEquals"):
		return c >= 0
	}
	return c == 0
}

// naiveDate knows the forms that the corpus and the fuzzer write.
func naiveDate(s string) (time.Time, bool) {
	if n, ok := new(big.Int).SetString(s, 10); ok && n.IsInt64() && !strings.HasPrefix(s, "+") {
		return time.Unix(n.Int64(), 0), true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01", "2006-01-02", "2006-01-02T15:04Z07:00", "2006-01-02T15:04:05"} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

func naiveIP(value, wanted string) bool {
	ip := net.ParseIP(value)
	if ip == nil {
		return false
	}
	if _, network, err := net.ParseCIDR(wanted); err == nil {
		return network.Contains(ip)
	}
	return net.ParseIP(wanted).Equal(ip)
}
