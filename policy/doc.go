// Package policy reads IAM policy documents and decides with them. It does no
// I/O, keeps no state but what a [Cache] is asked to hold, and never panics on a
// document or a request.
//
//	doc, err := policy.Parse(text, policy.Managed)      // only a valid policy becomes a Document
//	set := policy.Set{Identity: []policy.Policy{{Name: arn, Document: doc}}}
//	decision := set.Decide(&request)                    // yes or no, and which kind of policy said no
//	decision, reasons := set.Reasons(&request, nil)     // and every statement that applies
//	explanation := set.Explain(&request)                // and why the others do not
//
// A [Document] can only be valid: patterns are cut at their wildcards, addresses,
// numbers and dates are parsed, and statements are found by service and action.
// Deciding allocates nothing. What the request carries is asked of a [Context],
// key by key, so that nobody computes what no policy mentions.
//
// What Parse refuses is an [*Error], in AWS's own words. AWS reads two dialects:
// policies of identities answer with one set of texts, policies of resources and
// roles with another.
//
// The rules are those of https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html.
// Where AWS is silent or says "might", the answer that permits less was taken.
package policy
