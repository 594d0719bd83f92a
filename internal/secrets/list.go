package secrets

import (
	"cmp"
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/iamd-project/iamd/internal/awserr"
	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
	shape "github.com/iamd-project/iamd/internal/shapes/secretsmanager"
)

func listOperations() []op.Operation {
	return []op.Operation{op.Read("ListSecrets", needAny[shape.ListSecretsRequest]("ListSecrets"), listSecrets)}
}

// mostPage is the most items on a page, and how many there are unless the caller wants
// fewer.
const mostPage = 100

func limitOf(most *int32, otherwise int) int { return int(orElse(most, int32(otherwise))) }

// maxCursor is the longest cursor that a list gives: a time and a name.
const maxCursor = 600

var errNextToken = awserr.New(400, "InvalidNextTokenException", "The NextToken value is invalid.")

// cursorOf reads the token of a page; "" for none.
func cursorOf(token *string) (string, error) {
	cursor, ok := op.Cursor(token)
	if !ok || len(cursor) > maxCursor {
		return "", errNextToken
	}
	return cursor, nil
}

func listSecrets(_ context.Context, c *op.Call, in *shape.ListSecretsRequest) (*shape.ListSecretsResponse, error) {
	o, err := orderOf(c, orElse(in.SortBy, shape.SortByTypeCreatedDate), orElse(in.SortOrder, shape.SortOrderTypeAsc) == shape.SortOrderTypeDesc)
	if err != nil {
		return nil, err
	}
	p, err := page(c, o, in.NextToken, limitOf(in.MaxResults, mostPage), in.Filters, orElse(in.IncludePlannedDeletion, false))
	if err != nil {
		return nil, err
	}
	out := &shape.ListSecretsResponse{SecretList: make([]shape.SecretListEntry, len(p.Items)), NextToken: p.Next}
	for i, s := range p.Items {
		out.SecretList[i] = *listed(s.here, s.main)
	}
	return out, nil
}

// order is how a list of the secrets of an account in a region goes: what it yields
// behind a cursor, and the cursor of each.
type order struct {
	after  func(cursor string) iter.Seq2[*subject, error]
	cursor func(*subject) string
}

func orderOf(c *op.Call, by string, back bool) (order, error) {
	account, region := c.Caller.Account, c.Region
	if len(region) > maxRegion {
		region = "" // where nobody can have a secret
	}
	byName := func(after string, back bool) iter.Seq2[*subject, error] {
		return subjects(c, directory.SecretsByName(c.Snap, account, region, after, back))
	}
	switch by {
	case shape.SortByTypeName:
		return order{
			func(after string) iter.Seq2[*subject, error] { return byName(after, back) },
			func(s *subject) string { return s.here.Name },
		}, nil
	case shape.SortByTypeLastChangedDate, shape.SortByTypeLastAccessedDate:
		n, err := directory.CountSecrets(c.Snap, account, region)
		if err == nil && n > mostSorted {
			err = awserr.Refuse(awserr.NotBuilt, "iamd does not support SortBy %s of more than %d secrets.", by, mostSorted)
		}
		return sorted(byName("", false), timeOf(by), back), err
	}
	return order{
		func(after string) iter.Seq2[*subject, error] {
			return subjects(c, directory.SecretsByAge(c.Snap, account, region, after, back))
		},
		func(s *subject) string { return directory.SecretAge(s.here) },
	}, nil
}

// subjects are secrets as if a request had named them.
func subjects(c *op.Call, list iter.Seq2[*directory.Secret, error]) iter.Seq2[*subject, error] {
	return func(yield func(*subject, error) bool) {
		for rec, err := range list {
			var s *subject
			if err == nil {
				s, err = subjectOf(c, rec)
			}
			if !yield(s, err) || err != nil {
				return
			}
		}
	}
}

// mostSorted is how many secrets are put in the order of a time that changes. There is no
// index for it, which every change of a secret and of its replicas would have to pay for;
// a page looks at all secrets instead.
const mostSorted = 50_000

// timeOf is the time of that order, as a listing shows it.
func timeOf(by string) func(*subject) directory.Millis {
	if by == shape.SortByTypeLastChangedDate {
		return func(s *subject) directory.Millis { return s.main.Changed }
	}
	return func(s *subject) directory.Millis { return s.here.Accessed }
}

// sorted is the order of a time. It keeps no more secrets than a page looks at.
func sorted(all iter.Seq2[*subject, error], at func(*subject) directory.Millis, back bool) order {
	cursor := func(s *subject) string { return directory.TimeKey(at(s)) + "/" + s.here.Name }
	type placed struct {
		cursor string
		*subject
	}
	compare := func(a, b placed) int {
		if back {
			a, b = b, a
		}
		return cmp.Compare(a.cursor, b.cursor)
	}
	const most = op.MostSifted + 1 // the last one tells that there are more
	after := func(after string) iter.Seq2[*subject, error] {
		return func(yield func(*subject, error) bool) {
			var first []placed
			for s, err := range all {
				if err != nil {
					yield(nil, err)
					return
				}
				p := placed{cursor(s), s}
				if after != "" && compare(p, placed{after, nil}) <= 0 {
					continue
				}
				if first = append(first, p); len(first) == 2*most {
					slices.SortFunc(first, compare)
					first = slices.Delete(first, most, len(first))
				}
			}
			slices.SortFunc(first, compare)
			for _, p := range first[:min(most, len(first))] {
				if !yield(p.subject, nil) {
					return
				}
			}
		}
	}
	return order{after, cursor}
}

// page is one page of those secrets that the filters want.
func page(c *op.Call, o order, token *string, limit int, filters []shape.Filter, planned bool) (op.Page[*subject], error) {
	cursor, err := cursorOf(token)
	if err != nil {
		return op.Page[*subject]{}, err
	}
	tests, err := filtersOf(filters)
	if err != nil {
		return op.Page[*subject]{}, err
	}
	wanted := func(s *subject) bool {
		return !gone(c, s.here) && (planned || s.here.Due == 0) && !slices.ContainsFunc(tests, func(f filter) bool { return !f.wants(s) })
	}
	return op.PageOf(o.after(cursor), limit, o.cursor, wanted)
}

// subjectOf is a secret as if a request had named it by its ARN.
func subjectOf(c *op.Call, rec *directory.Secret) (*subject, error) {
	s := &subject{owner: rec.Account, here: rec, arn: rec.ARN()}
	s.id = s.arn
	var err error
	s.main, err = directory.PrimaryOf(c.Snap, rec)
	return s, err
}

// filter is one filter of a request: which texts of a secret it looks at, and for what.
type filter struct {
	texts     func(*subject) []string
	fold      bool // case does not count
	words     bool // each word of a value begins a word of a text
	any, none []string
}

// filters are the kinds of filters by their keys.
var filters = map[string]filter{
	shape.FilterNameStringTypeDescription:   {texts: func(s *subject) []string { return []string{s.main.Description} }, fold: true},
	shape.FilterNameStringTypeName:          {texts: func(s *subject) []string { return []string{s.main.Name} }},
	shape.FilterNameStringTypeTagKey:        {texts: func(s *subject) []string { return tagTexts(s, func(t directory.Tag) string { return t.Key }) }},
	shape.FilterNameStringTypeTagValue:      {texts: func(s *subject) []string { return tagTexts(s, func(t directory.Tag) string { return t.Value }) }},
	shape.FilterNameStringTypePrimaryRegion: {texts: primaryRegion},
	shape.FilterNameStringTypeOwningService: {texts: func(*subject) []string { return nil }}, // no other service has secrets here
	shape.FilterNameStringTypeAll:           {texts: allTexts, fold: true, words: true},
}

func primaryRegion(s *subject) []string {
	if s.here.IsReplica() || len(s.main.Replicas) > 0 {
		return []string{s.main.Region}
	}
	return nil
}

func tagTexts(s *subject, part func(directory.Tag) string) []string {
	out := make([]string, len(s.main.Tags))
	for i, t := range s.main.Tags {
		out[i] = part(t)
	}
	return out
}

func allTexts(s *subject) []string {
	out := append([]string{s.main.Name, s.main.Description}, primaryRegion(s)...)
	for _, t := range s.main.Tags {
		out = append(out, t.Key, t.Value)
	}
	return out
}

// filtersOf reads the filters of a request. Of the values of one, a secret must have
// one of those without an exclamation mark, if there are any, and none of the others.
func filtersOf(in []shape.Filter) ([]filter, error) {
	out := make([]filter, len(in))
	for i, f := range in {
		if f.Key == nil || len(f.Values) == 0 {
			return nil, invalidParameter("A filter must have a Key and Values.")
		}
		out[i] = filters[*f.Key]
		for _, v := range f.Values {
			if out[i].fold {
				v = strings.ToLower(v)
			}
			if not, ok := strings.CutPrefix(v, "!"); ok {
				out[i].none = append(out[i].none, not)
			} else {
				out[i].any = append(out[i].any, v)
			}
		}
	}
	return out, nil
}

func (f filter) wants(s *subject) bool {
	texts := f.texts(s)
	if f.fold {
		for i := range texts {
			texts[i] = strings.ToLower(texts[i])
		}
	}
	has := func(v string) bool { return f.has(texts, v) }
	return (len(f.any) == 0 || slices.ContainsFunc(f.any, has)) && !slices.ContainsFunc(f.none, has)
}

// has reports whether a value begins one of the texts or, word by word, one of their words.
func (f filter) has(texts []string, v string) bool {
	if !f.words {
		return slices.ContainsFunc(texts, func(text string) bool { return strings.HasPrefix(text, v) })
	}
	var words []string
	for _, text := range texts {
		words = append(words, strings.FieldsFunc(text, notAlphanumeric)...)
	}
	return !slices.ContainsFunc(strings.FieldsFunc(v, notAlphanumeric), func(word string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(w, word) })
	})
}
