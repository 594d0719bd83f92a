package main

import "cmp"

const restXML = "rest-xml"

// place says where REST has a member: the end of its tag.
func (p *pkg) place(s *shape, member string) (tag string) {
	r := s.Members[member]
	target := p.Shapes[r.Shape]
	name := cmp.Or(r.LocationName, member)
	switch {
	case r.Location == "header", r.Location == "headers", r.Location == "uri":
		return "," + r.Location + "=" + name + p.timeForm(target)
	case r.Location == "querystring":
		return ",query=" + name + p.timeForm(target)
	case r.Location != "":
		p.fail("member %s has the unknown place %s", member, r.Location)
	case s.Payload == member:
		tag = ",payload"
	}
	if r.XMLAttribute {
		return ",attribute=" + name
	}
	if target.Type == "list" {
		if r.Flattened || target.Flattened {
			tag += ",flat"
		} else {
			tag += ",element=" + cmp.Or(target.Member.LocationName, "member")
		}
	}
	if name != member {
		tag += ",xml=" + name
	}
	return tag
}

func (p *pkg) timeForm(s *shape) string {
	if s.TimestampFormat == "iso8601" {
		return ",iso"
	}
	return ""
}

// rest writes how an operation looks in HTTP.
func (p *pkg) rest(name string) {
	op := p.Operations[name]
	p.field("Method", op.HTTP.Method)
	p.field("URI", op.HTTP.RequestURI)
	if op.HTTP.ResponseCode != 0 && op.HTTP.ResponseCode != 200 {
		p.line("Status: %d,", op.HTTP.ResponseCode)
	}
	if p.name == "s3" {
		p.field("Root", cmp.Or(roots[name], name+"Result"))
		p.flag("Bare", bare[name])
	}
}
