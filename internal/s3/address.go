package s3

import (
	"net"
	"net/url"
	"regexp"
	"strings"
)

// Hosts are what clients call this server: host, or host and port.
type Hosts []string

// awsHost is a name of S3 at AWS: the region, or "", in its second part, the bucket in its
// first. https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
var awsHost = regexp.MustCompile(`^(?:(.+)\.)?s3(?:[.-]dualstack|-fips|-accelerate)?(?:[.-]([a-z]{2}(?:-[a-z]+)+-\d))?\.amazonaws\.com(?:\.cn)?$`)

// Label is the bucket in a host, and whether the host is of S3 at all. A name before one of
// the server's own is a bucket, if it is not "s3" itself.
func (h Hosts) Label(host string) (bucket string, own bool) {
	name := strings.ToLower(withoutPort(host))
	if m := awsHost.FindStringSubmatch(name); m != nil {
		return m[1], true
	}
	for _, ours := range h {
		ours = strings.ToLower(withoutPort(ours))
		before, ok := strings.CutSuffix(name, "."+ours)
		if !ok || net.ParseIP(ours) != nil {
			continue
		}
		if before == "s3" || regionalS3.MatchString(before) {
			return "", true
		}
		if i := strings.LastIndex(before, ".s3"); i > 0 && (before[i+3:] == "" || before[i+3] == '.' || before[i+3] == '-') {
			before = before[:i]
		}
		if !strings.Contains(before, ".") && services[before] {
			return "", false
		}
		return before, true
	}
	return "", false
}

// regionalS3 is S3 of a region below one of our own names.
var regionalS3 = regexp.MustCompile(`^s3[.-][a-z]{2}(-[a-z]+)+-\d$`)

// services are the first labels of other services' names.
var services = map[string]bool{
	"iam": true, "sts": true, "cloudformation": true, "secretsmanager": true, "ssm": true, "cloudtrail": true, "organizations": true,
}

// is reports whether a host is one of ours, without a bucket.
func (h Hosts) is(host string) bool {
	for _, ours := range h {
		if strings.EqualFold(ours, host) || strings.EqualFold(withoutPort(ours), withoutPort(host)) && loopback(withoutPort(host)) {
			return true
		}
	}
	return loopback(withoutPort(host))
}

func loopback(name string) bool {
	ip := net.ParseIP(strings.Trim(name, "[]"))
	return name == "localhost" || ip != nil && ip.IsLoopback()
}

func withoutPort(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		return name
	}
	return host
}

// Location is an object as a URL names it.
type Location struct{ Bucket, Key string }

// BadURL is why a URL names no object.
type BadURL struct {
	// Domain is the host that is not S3's; "" for what is no URL of an object at all.
	Domain string
}

func (b *BadURL) Error() string {
	if b.Domain == "" {
		return "not the URL of an object"
	}
	return b.Domain + " is no domain of S3"
}

// Locate reads any URL of an object: https, with the bucket in the host or in the path, of
// AWS or of this server, or s3://bucket/key. The error is a *BadURL.
func (h Hosts) Locate(text string) (Location, error) {
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.User != nil {
		return Location{}, &BadURL{}
	}
	path := strings.TrimPrefix(u.Path, "/")
	bucket, own := "", true
	switch u.Scheme {
	case "s3":
		bucket = u.Host
	case "http", "https":
		if bucket, own = h.Label(u.Host); !own && !h.is(u.Host) {
			return Location{}, &BadURL{Domain: u.Host}
		}
	default:
		return Location{}, &BadURL{}
	}
	if bucket == "" {
		bucket, path, _ = strings.Cut(path, "/")
	}
	if bucket == "" || path == "" || strings.Contains(text, "\x00") {
		return Location{}, &BadURL{}
	}
	return Location{bucket, path}, nil
}
