package plain

import (
	"slices"
	"strings"
)

// list is what a listing has to show, each item at a place that has an order.
type list []struct {
	place string
	item  any
}

func (l *list) add(place string, item any) {
	*l = append(*l, struct {
		place string
		item  any
	}{place, item})
}

// Marker is where a listing can go on.
type Marker struct {
	Text  string // the server's
	Call  Call   // that returned it
	Place string // of the last item before it
}

// mostMarkers is how many of the last markers are worth remembering.
const mostMarkers = 3

// page is the part of a list that a request asks for.
func (r *run) page(member string, l list) Object {
	items, out := r.cut(l)
	out[member] = items
	return out
}

func (r *run) cut(l list) (items []any, out Object) {
	slices.SortFunc(l, func(a, b struct {
		place string
		item  any
	}) int {
		return strings.Compare(a.place, b.place)
	})
	after, limit := r.after(), 100
	if n, ok := r.In["MaxItems"].(int); ok {
		limit = n
	}
	items, out = []any{}, Object{"IsTruncated": false}
	last := ""
	for _, at := range l {
		if at.place <= after {
			continue
		}
		if len(items) == limit {
			out["IsTruncated"], out["Marker"] = true, r.chosen.Marker
			r.remember(Marker{r.chosen.Marker, r.Call, last})
			break
		}
		items, last = append(items, at.item), at.place
	}
	return items, out
}

// remember keeps a marker, unless the list was filtered by what others may change
// before it goes on: nobody says where it has got to then.
func (r *run) remember(m Marker) {
	filtered := r.flag("OnlyAttached") || r.text("PolicyUsageFilter") != "" || r.Op == "ListEntitiesForPolicy"
	if !filtered {
		r.Markers = append(r.Markers, m)
		r.Markers = r.Markers[max(0, len(r.Markers)-mostMarkers):]
	}
}

// after is the place of the request's marker: "" for none.
func (r *run) after() string {
	text := r.optional("Marker")
	if text == nil {
		return ""
	}
	for _, m := range r.Markers {
		if m.Text == *text {
			return m.Place
		}
	}
	refuse(400, "ValidationError", "Invalid Marker.")
	return ""
}
