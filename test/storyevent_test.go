package test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudtrail"
	"github.com/aws/aws-sdk-go-v2/service/cloudtrail/types"
)

func eventStories() []story {
	return []story{{name: "events", steps: eventSteps}}
}

// What is found is in TestLookupEvents: it comes a moment later.
var eventSteps = []step{
	does(&cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{{AttributeKey: types.LookupAttributeKeyUsername, AttributeValue: new("nobody")}}}).shows("Events.#", "0"),
	does(&cloudtrail.LookupEventsInput{EventCategory: types.EventCategoryInsight}).shows("Events.#", "0"),
	fails("InvalidLookupAttributesException", &cloudtrail.LookupEventsInput{LookupAttributes: []types.LookupAttribute{
		{AttributeKey: types.LookupAttributeKeyUsername, AttributeValue: new("a")}, {AttributeKey: types.LookupAttributeKeyEventName, AttributeValue: new("b")}}}).
		says("Currently the list of lookup attributes can contain only one item."),
	fails("InvalidTimeRangeException", &cloudtrail.LookupEventsInput{StartTime: new(time.Unix(2_000_000, 0)), EndTime: new(time.Unix(1_000_000, 0))}).
		says("The timestamp values are not valid. Either the start time occurs after the end time, or the time range is outside the range of possible values."),
	fails("InvalidNextTokenException", &cloudtrail.LookupEventsInput{NextToken: new("?")}).
		says("A token that is not valid, or a token that was previously used in a request with different parameters."),
	fails("ValidationException", &cloudtrail.LookupEventsInput{MaxResults: new(int32(51))}, &cloudtrail.LookupEventsInput{EventCategory: "other"}),
}
