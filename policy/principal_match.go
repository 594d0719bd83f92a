package policy

import "slices"

// grant returns how closely the element names the caller.
func (p *principals) grant(who *Principal) grant {
	if p.everybody {
		return directGrant
	}
	switch who.Type {
	case Anonymous:
		return directIf(p.awsAll)
	case Service:
		return directIf(containsAny(p.services, who.Services))
	case Provider:
		return directIf(contains(p.providers, who.ARN))
	}
	switch {
	case p.awsAll || p.names(who.ARN):
		return directGrant
	case who.Type == Root && p.hasAccount(who):
		return directGrant
	case who.Type == User && slices.Contains(p.ids, who.ID):
		return directGrant
	case who.Source != "" && (p.names(who.Source) || slices.Contains(p.ids, who.ID)):
		return sourceGrant
	case p.hasAccount(who):
		return accountGrant
	}
	return noGrant
}

func directIf(ok bool) grant {
	if ok {
		return directGrant
	}
	return noGrant
}

func (p *principals) names(arn string) bool {
	return arn != "" && slices.Contains(p.arns, arn)
}

func (p *principals) hasAccount(who *Principal) bool {
	return who.Account != "" && slices.Contains(p.accounts, who.Account) ||
		who.CanonicalID != "" && slices.Contains(p.canonical, who.CanonicalID)
}

// excepts reports whether a NotPrincipal leaves the caller alone. AWS may look at
// the account, then the role, then the session, and deny at the first that is not
// listed, so all of them must be:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (p *principals) excepts(who *Principal) bool {
	switch who.Type {
	case Anonymous, Service, Provider:
		return p.grant(who) != noGrant
	case Root:
		return p.everybody || p.awsAll || p.hasAccount(who)
	}
	if p.everybody || p.awsAll {
		return true
	}
	source := who.Source == "" || p.names(who.Source) || slices.Contains(p.ids, who.ID)
	itself := p.names(who.ARN) || who.Type == User && slices.Contains(p.ids, who.ID)
	return p.hasAccount(who) && source && itself
}

// contains finds a value in a list where "*" stands for every value.
func contains(list []string, value string) bool {
	return slices.Contains(list, "*") || value != "" && slices.Contains(list, value)
}

func containsAny(list, values []string) bool {
	if slices.Contains(list, "*") {
		return true
	}
	for _, v := range values {
		if slices.Contains(list, v) {
			return true
		}
	}
	return false
}
