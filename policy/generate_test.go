package policy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// A generator makes questions out of bytes, so that a fuzzer that changes the
// bytes changes the question. When they are used up, it takes the first of
// everything.
type generator struct{ bytes []byte }

func (g *generator) pick(n int) int {
	if len(g.bytes) == 0 {
		return 0
	}
	b := g.bytes[0]
	g.bytes = g.bytes[1:]
	return int(b) % n
}

// one in n.
func (g *generator) rarely(n int) bool { return g.pick(n) == n-1 }

func (g *generator) of(list []string) string { return list[g.pick(len(list))] }

// some takes a few of a list, at least one.
func (g *generator) some(list []string) []string {
	out := []string{g.of(list)}
	for g.rarely(3) && len(out) < 4 {
		out = append(out, g.of(list))
	}
	return out
}

var (
	someActions = []string{"s3:GetObject", "s3:PutObject", "S3:getobject", "iam:GetUser", "sts:AssumeRole", "s3:"}
	actionWords = []string{"*", "s3:GetObject", "s3:*", "*", "s3:*", "s3:Get*", "s3:?etObject", "S3:GETOBJECT", "iam:*User", "*:*", "s3:*Object", "s3:G*t*", "iam:GetUser", "s3:*e*e*t"}
	stsWords    = []string{"sts:AssumeRole", "sts:*", "STS:assume*", "sts:TagSession"}

	someResources = []string{
		"arn:aws:s3:::bucket/alice/file", "arn:aws:s3:::bucket/a:b/c", "arn:aws:s3:::bucket", "*",
		"arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/team/alice",
		"arn:aws:sqs:us-east-1:111122223333:queue", "arn:aws:s3:::bucket/é€/x", "arn:aws:iam::111122223333:role/app",
		"arn:aws:iam::444455556666:role/app", "arn:aws:sns:eu-west-1:444455556666:a:b:c",
	}
	resourceWords = []string{
		"*", "*", "*", "arn:aws:s3:::*", "arn:aws:s3:::bucket/*", "arn:aws:s3:::bucket", "arn:aws:s3:::*", "arn:aws:s3:::bucket/${aws:username}/*",
		"arn:aws:s3:::bucket/?lice/file", "arn:aws:s3:::b*t/*/c", "arn:aws:iam::*:user/*alice", "arn:aws:iam::1111*3333:user/*",
		"arn:aws:sqs", "arn:aws:sqs:us-*", "arn:aws:sqs:us-*-1:*:q*", "arn:aws:sqs:*:*:queue", "arn:aws:sqs:*:1111????3333:queue",
		"arn:aws:iam::111122223333:user/${aws:username}", "arn:aws:s3:::bucket/${aws:principaltag/team, 'alice'}/file",
		"arn:aws:s3:::bucket/${*}", "arn:aws:s3:::bucket/??/x", "arn:aws:s3:::bucket/${aws:TagKeys}/file", "arn:a*:s3:::bucket*",
		"arn:aws:sns:eu-*1:4*6:a*c", "arn:aws:sns:*-west-1:*:a:?:*", "arn:aws:sns:e*", "arn:aws:sns:e*1:*5*:*b*", "arn:*:sqs:*:1*3:?ueue",
	}

	// keys are those that policies ask for, by the family of operators that suits them.
	keys = map[string][]string{
		"String":  {"aws:username", "aws:PrincipalTag/team", "s3:prefix", "aws:TagKeys"},
		"Numeric": {"s3:max-keys"},
		"Date":    {"aws:CurrentTime"},
		"Bool":    {"aws:SecureTransport"},
		"Binary":  {"test:Binary"},
		"Ip":      {"aws:SourceIp"},
		"Arn":     {"aws:PrincipalArn", "aws:SourceArn"},
		"Null":    {"aws:username", "aws:TagKeys"},
	}
	families  = slices.Sorted(maps.Keys(keys))
	operators = []string{
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
		"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
		"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
	}
	// words are what each family of operators is compared with.
	words = map[string][]string{
		"String":  {"alice", "Alice", "", "bob", "al*", "?lice", "*", "${aws:username}", "${aws:PrincipalTag/team}/x", "${aws:userid, 'bob'}", "${*}", "a${?}", "${", "*${aws:username}*", "home/*/x", "ALICE"},
		"Numeric": {"1", "10", "10.5", "-3", "1e2", "100", "0"},
		"Date":    {"2024-01-01T00:00:00Z", "2024-01-01T01:00:00+01:00", "2024-06-30", "2024-06", "1704067200", "2024-01-01T00:00:00.5Z", "0"},
		"Bool":    {"true", "false", "TRUE", "${aws:SecureTransport}"},
		"Binary":  {"QQ==", "QUI=", ""},
		"Ip":      {"10.0.0.0/8", "10.1.2.3", "10.1.2.3/16", "2001:db8::/32", "2001:db8::1", "0.0.0.0/0", "::/0", "::ffff:10.1.2.3"},
		"Arn":     {"arn:aws:iam::111122223333:user/alice", "arn:aws:iam::*:user/*", "arn:aws:iam::1111*:user/?lice", "*", "arn:aws:*:us-*:*:a", "${aws:PrincipalArn}", "arn:aws:s3", "arn:aws:iam::111122223333:user/${aws:username}", "arn:*:*:*:*:*", "arn:aws:s*:*a:b*"},
		"Null":    {"true", "false"},
	}
	// values are what requests carry.
	values = map[string][]string{
		"String":  {"alice", "Alice", "", "bob", "*", "home/a/x", "é", "$", "a?", "team"},
		"Numeric": {"1", "10", "10.5", "100", "ten"},
		"Date":    {"2024-01-01T00:00:00Z", "1704067200", "2024-06-30", "2023-12-31T23:59:59Z", "soon"},
		"Bool":    {"true", "false", "True", "yes"},
		"Binary":  {"QQ==", "QUI=", ""},
		"Ip":      {"10.1.2.3", "2001:db8::1", "192.0.2.1", "::ffff:10.1.2.3", "here"},
		"Arn":     {"arn:aws:iam::111122223333:user/alice", "arn:aws:sns:eu-west-1:444455556666:a:b:c", "arn:aws:iam:x", "alice"},
		"Null":    {"alice"},
	}

	askers = []asker{
		{Type: "User", ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333", ID: "AIDAALICEALICEALICE", Canonical: "cafe"},
		{Type: "User", ARN: "arn:aws:iam::111122223333:user/alice", Account: "111122223333", ID: "AIDAALICEALICEALICE"},
		{Type: "RoleSession", ARN: "arn:aws:sts::111122223333:assumed-role/app/s1", Account: "111122223333", Source: "arn:aws:iam::111122223333:role/app", ID: "AROAAPPAPPAPPAPPAPP"},
		{Type: "FederatedUser", ARN: "arn:aws:sts::111122223333:federated-user/alice", Account: "111122223333", Source: "arn:aws:iam::111122223333:user/alice", ID: "AIDAALICEALICEALICE"},
		{Type: "Root", ARN: "arn:aws:iam::111122223333:root", Account: "111122223333", Canonical: "cafe"},
		{Type: "Service", Services: []string{"ec2.amazonaws.com", "ec2.eu-west-1.amazonaws.com"}},
		{Type: "Provider", ARN: "accounts.google.com"},
		{Type: "Anonymous"},
		{Type: "User", ARN: "arn:aws:iam::444455556666:user/bob", Account: "444455556666"},
	}
	principalWords = map[string][]string{
		"AWS": {
			"*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:role/app",
			"arn:aws:sts::111122223333:assumed-role/app/s1", "arn:aws:sts::111122223333:federated-user/alice", "444455556666",
			"AIDAALICEALICEALICE", "AROAAPPAPPAPPAPPAPP", "arn:aws:iam::444455556666:user/bob",
		},
		"Service":       {"ec2.amazonaws.com", "lambda.amazonaws.com", "*"},
		"Federated":     {"accounts.google.com", "arn:aws:iam::111122223333:saml-provider/idp", "*"},
		"CanonicalUser": {"cafe", "beef"},
	}
)

func (g *generator) question() question {
	var q question
	q.Request.Principal = askers[g.pick(len(askers))]
	q.Request.Action = g.of(someActions)
	q.Request.Resource = g.of(someResources)
	q.Request.Account = g.of([]string{"", "", "", "111122223333", "444455556666"})
	q.Request.Context = map[string][]string{}
	for range g.pick(8) {
		family := g.of(families)
		q.Request.Context[g.of(keys[family])] = g.context(family)
	}
	q.Identity = g.documents("identity", 3)
	if g.rarely(3) {
		q.Boundary = g.documents("identity", 2)
	}
	if g.rarely(3) {
		q.Session = g.documents("identity", 3)
	}
	switch g.pick(4) {
	case 1:
		q.Resource = g.documents("resource", 2)
	case 2:
		q.Trust = append(q.Trust, g.document("trust"))
	case 3:
		q.Resource = g.documents("resource", 2)
		q.Required = true
	}
	return q
}

// context makes a key's values, now and then of another family than the key's.
func (g *generator) context(family string) []string {
	if g.rarely(8) {
		family = g.of(families)
	}
	list := []string{g.of(values[family])}
	switch g.pick(6) {
	case 3, 4:
		list = append(list, g.of(values[family]))
	case 5:
		list = list[:0]
	}
	return list
}

func (g *generator) documents(kind string, most int) []json.RawMessage {
	list := []json.RawMessage{}
	for range g.pick(most + 1) {
		list = append(list, g.document(kind))
	}
	return list
}

func (g *generator) document(kind string) json.RawMessage {
	doc := object{"Version": g.of([]string{"2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"})}
	var statements []any
	for range 1 + g.pick(3) {
		statements = append(statements, g.statement(kind))
	}
	doc["Statement"] = statements
	if len(statements) == 1 && g.rarely(2) {
		doc["Statement"] = statements[0]
	}
	text, err := json.Marshal(doc)
	if err != nil {
		panic(fmt.Sprint("a question that is not JSON: ", err))
	}
	return text
}

func (g *generator) statement(kind string) object {
	st := object{"Effect": g.of([]string{"Allow", "Allow", "Deny"})}
	actions := actionWords
	if kind == "trust" {
		actions = stsWords
	}
	st[g.of([]string{"Action", "Action", "Action", "NotAction"})] = g.some(actions)
	if kind != "trust" {
		st[g.of([]string{"Resource", "Resource", "Resource", "NotResource"})] = g.some(resourceWords)
	}
	if kind != "identity" {
		name := "Principal"
		if kind == "resource" && st["Effect"] == "Deny" && g.rarely(2) {
			name = "NotPrincipal"
		}
		st[name] = g.principal(kind)
	}
	if g.rarely(3) {
		condition := object{}
		for range 1 + g.pick(2) {
			operator, family := g.operator()
			key := g.of(keys[family])
			if g.rarely(6) {
				key = g.of(keys[g.of(families)])
			}
			condition[operator] = object{key: g.some(words[family])}
		}
		st["Condition"] = condition
	}
	return st
}

func (g *generator) principal(kind string) any {
	if g.rarely(8) {
		return "*"
	}
	o := object{}
	forms := slices.Sorted(maps.Keys(principalWords))
	for range 1 + g.pick(2) {
		if form := g.of(forms); form != "CanonicalUser" || kind != "trust" {
			o[form] = g.some(principalWords[form])
		}
	}
	if len(o) == 0 {
		o["AWS"] = g.some(principalWords["AWS"])
	}
	return o
}

func (g *generator) operator() (name, family string) {
	name = g.of(operators)
	for _, f := range []string{"String", "Numeric", "Date", "Bool", "Binary", "Ip", "Arn", "Null"} {
		if len(name) >= len(f) && name[:len(f)] == f || name == "NotIpAddress" && f == "Ip" {
			family = f
		}
	}
	if name == "Null" {
		return name, family
	}
	return g.of([]string{"", "", "ForAllValues:", "ForAnyValue:"}) + name + g.of([]string{"", "", "IfExists"}), family
}
