package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// service writes the errors, then the Service that lists the operations.
func (p *pkg) service() {
	errs := p.errorVars()
	m := p.Metadata
	p.line("// Service is %s.", m.ServiceFullName)
	p.line("var Service = shapes.Service{")
	p.line("ID: %q,", cmp.Or(m.SigningName, m.EndpointPrefix))
	p.line("Title: %q,", m.ServiceFullName)
	p.line("Protocol: %s,", p.protocol())
	p.line("Version: %q,", m.APIVersion)
	p.field("Namespace", cmp.Or(m.XMLNamespace.URI, namespaces[p.name]))
	p.field("TargetPrefix", m.TargetPrefix)
	p.flag("Global", global[p.name])
	p.flag("HidesValues", hidesValues[p.name])
	p.flag("Milliseconds", milliseconds[p.name])
	p.flag("CapitalMessage", capitalMessage[p.name])
	p.line("Operations: []shapes.Operation{")
	for _, name := range sortedKeys(p.Operations) {
		p.operation(name, errs)
	}
	p.line("},\n}")
}

func (p *pkg) protocol() string {
	switch m := p.Metadata; {
	case m.Protocol == "query":
		return "shapes.Query"
	case m.Protocol == "json" && m.JSONVersion == "1.1":
		return "shapes.JSON11"
	case m.Protocol == restXML:
		return "shapes.RESTXML"
	default:
		p.fail("unknown protocol %s %s", m.Protocol, m.JSONVersion)
		return "0"
	}
}

// errorVars writes each error once, and returns their variables by shape.
func (p *pkg) errorVars() map[string]string {
	vars := map[string]string{}
	for _, op := range p.Operations {
		for _, r := range op.Errors {
			vars[r.Shape] = ""
		}
	}
	var lines []string
	for _, shape := range sortedKeys(vars) {
		vars[shape] = p.names.take("err" + upperFirst(shape))
		s := p.Shapes[shape]
		status := 400
		if s.Fault {
			status = 500
		}
		lines = append(lines, fmt.Sprintf("%s = shapes.Error{Shape: %q, Code: %q, Status: %d}", vars[shape], shape,
			cmp.Or(s.Error.Code, shape), cmp.Or(s.Error.HTTPStatusCode, status)))
	}
	p.block("var", lines)
	return vars
}

func (p *pkg) operation(name string, errs map[string]string) {
	op := p.Operations[name]
	p.line("{\nName: %q,", name)
	p.line("Input: func() any { return new(%s) },", p.inputs[name])
	if op.Output != nil {
		p.line("Output: func() any { return new(%s) },", p.structs[op.Output.Shape])
		p.field("Result", op.Output.ResultWrapper)
	}
	if p.Metadata.Protocol == restXML {
		p.rest(name)
	}
	p.flag("Unsigned", op.AuthType == "none" || slices.Contains(op.Auth, "smithy.api#noAuth"))
	if len(op.Errors) > 0 {
		list := make([]string, len(op.Errors))
		for i, r := range op.Errors {
			list[i] = errs[r.Shape]
		}
		p.line("Errors: []shapes.Error{%s},", strings.Join(list, ", "))
	}
	if pages, ok := p.Pagination[name]; ok {
		p.line("Pages: %s,", p.pages(name, pages))
	}
	p.line("},")
}

func (p *pkg) pages(name string, pages pages) string {
	if len(pages.InputToken) != 1 || len(pages.OutputToken) != 1 {
		p.fail("operation %s: more than one pagination token", name)
		return "nil"
	}
	s := fmt.Sprintf("&shapes.Pages{Input: %q, Output: %q", pages.InputToken[0], pages.OutputToken[0])
	if pages.LimitKey != "" {
		s += fmt.Sprintf(", Limit: %q", pages.LimitKey)
	}
	if pages.MoreResults != "" {
		s += fmt.Sprintf(", More: %q", pages.MoreResults)
	}
	return s + ", Results: []string{" + quoteAll(pages.ResultKey) + "}}"
}

func (p *pkg) field(name, value string) {
	if value != "" {
		p.line("%s: %q,", name, value)
	}
}

func (p *pkg) flag(name string, set bool) {
	if set {
		p.line("%s: true,", name)
	}
}
