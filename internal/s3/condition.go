package s3

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/iamd-project/iamd/internal/directory"
	"github.com/iamd-project/iamd/internal/op"
)

func itoa(n int) string { return strconv.Itoa(n) }

// textMember is a member of a request that is an optional string.
func textMember(in any, name string) string {
	v, _ := reflect.ValueOf(in).Elem().FieldByName(name).Interface().(*string)
	return value(v)
}

// request is the conditions of one for an object.
type request struct {
	ifMatch, ifNoneMatch     *string
	ifModified, ifUnmodified *time.Time
	copying                  bool // of a source: nothing is said of modification
}

// check refuses what a condition does not hold for. One on tags goes before one on times.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
func (r *request) check(o *directory.Object) error {
	modified := o.Modified.Time().Truncate(time.Second)
	switch {
	case r.ifMatch != nil:
		if !anyTag(*r.ifMatch, o.ETag) {
			return failedCondition("If-Match")
		}
	case r.ifUnmodified != nil && modified.After(*r.ifUnmodified):
		return failedCondition("If-Unmodified-Since")
	}
	switch {
	case r.ifNoneMatch != nil:
		if anyTag(*r.ifNoneMatch, o.ETag) {
			return r.unmodified("If-None-Match")
		}
	case r.ifModified != nil && !modified.After(*r.ifModified):
		return r.unmodified("If-Modified-Since")
	}
	return nil
}

func (r *request) unmodified(name string) error {
	if r.copying {
		return failedCondition(name)
	}
	return refuse(http.StatusNotModified, "NotModified", "Not Modified")
}

func failedCondition(name string) error {
	return refuse(http.StatusPreconditionFailed, "PreconditionFailed", "At least one of the pre-conditions you specified did not hold",
		member("Condition", name))
}

// anyTag reports whether a list of tags has etag, or says that any will do.
func anyTag(list, etag string) bool {
	for tag := range strings.SplitSeq(list, ",") {
		if tag = strings.TrimSpace(tag); tag == "*" || strings.Trim(strings.TrimPrefix(tag, "W/"), `"`) == etag {
			return true
		}
	}
	return false
}

// mayReplace checks the conditions of a write.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
func mayReplace(c *op.Call, bucket, key string, ifMatch, ifNoneMatch *string) error {
	if ifMatch == nil && ifNoneMatch == nil {
		return nil
	}
	if ifNoneMatch != nil && *ifNoneMatch != "*" {
		return refuse(http.StatusNotImplemented, "NotImplemented", "A header you provided implies functionality that is not implemented",
			member("Header", "If-None-Match"))
	}
	o, err := directory.GetObject(c.Snap, bucket, key)
	switch {
	case err != nil:
		return err
	case ifNoneMatch != nil && o != nil:
		return failedCondition("If-None-Match")
	case ifMatch != nil && o == nil:
		return noSuchKey(key)
	case ifMatch != nil && !anyTag(*ifMatch, o.ETag):
		return failedCondition("If-Match")
	}
	return nil
}

// part is the part of an object that is wanted: from one byte up to, and without, another.
type part struct {
	from, to int64
	said     bool // the request has asked for less than all
	count    int  // how many parts there are, if one was asked for; 0 if there are none
}

func (p *part) size() int64 { return p.to - p.from }

func (p *part) whole(o *directory.Object) bool { return p.size() == o.Size }

// describe adds what headers say of the part.
func (p *part) describe(headers map[string]string, o *directory.Object) {
	headers["content-length"] = strconv.FormatInt(p.size(), 10)
	if p.said {
		headers["content-range"] = fmt.Sprintf("bytes %d-%d/%d", p.from, p.to-1, o.Size)
	}
	if p.count > 0 {
		headers["x-amz-mp-parts-count"] = itoa(p.count)
	}
}

// partOf finds out which part of an object is wanted, by its bytes or its number. A range
// that can't be read is ignored.
func partOf(o *directory.Object, span *string, number *int32) (part, error) {
	all := part{to: o.Size}
	switch {
	case number != nil && span != nil:
		return all, refuse(http.StatusBadRequest, "InvalidRequest", "Cannot specify both Range header and partNumber query parameter")
	case number != nil:
		return numbered(o, int(*number))
	case span == nil:
		return all, nil
	}
	first, last, ok := strings.Cut(strings.TrimPrefix(*span, "bytes="), "-")
	from, err1 := strconv.ParseInt(first, 10, 64)
	to, err2 := strconv.ParseInt(last, 10, 64)
	switch {
	case !ok || !strings.HasPrefix(*span, "bytes=") || first == "" && err2 != nil || first != "" && err1 != nil || last != "" && err2 != nil:
		return all, nil
	case first == "":
		from, to = max(o.Size-to, 0), o.Size-1
	case last == "":
		to = o.Size - 1
	case to < from:
		return all, nil
	}
	to = min(to, o.Size-1)
	if from >= o.Size || from > to {
		return all, refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidRange", "The requested range is not satisfiable",
			member("RangeRequested", *span), member("ActualObjectSize", strconv.FormatInt(o.Size, 10)))
	}
	return part{from: from, to: to + 1, said: true}, nil
}

// numbered is the part of that number. An object that was not uploaded in parts has one.
func numbered(o *directory.Object, number int) (part, error) {
	pieces := []directory.Piece{{Size: o.Size}}
	p := part{said: o.Size > 0}
	if o.Parts > 0 {
		pieces, p.count = o.Pieces, o.Parts
	}
	if number < 1 || number > len(pieces) {
		return p, refuse(http.StatusRequestedRangeNotSatisfiable, "InvalidPartNumber", "The requested partnumber is not satisfiable",
			member("PartNumberRequested", itoa(number)), member("ActualPartCount", itoa(len(pieces))))
	}
	for _, before := range pieces[:number-1] {
		p.from += before.Size
	}
	p.to = p.from + pieces[number-1].Size
	return p, nil
}

// copySource reads the name of an object that is to be copied.
func copySource(source string) (bucket, key string, err error) {
	path, version, _ := strings.Cut(strings.TrimPrefix(source, "/"), "?versionId=")
	text, err := url.PathUnescape(path)
	bucket, key, ok := strings.Cut(text, "/")
	if err != nil || !ok || bucket == "" || key == "" || version != "" && version != "null" {
		return "", "", invalidArgument("x-amz-copy-source", source, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	return bucket, key, nil
}
