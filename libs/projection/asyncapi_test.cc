#include "libs/projection/asyncapi.h"

#include "gtest/gtest.h"
#include "libs/projection/testing/clinic.h"

namespace pdp::projection {
namespace {

TEST(AsyncApiTest, EveryPublicEventIsAMessageOfTheOneChannel) {
  const std::string text = AsyncApiOf("clinic", *clinic::v1::PublicEvent::descriptor());
  for (const char* line : {
           "asyncapi: 2.6.0\n",
           "  pdp.clinic.events.v1:\n",
           "partitions: 13",
           "          - $ref: '#/components/messages/PersonKnown'\n",
           "          - $ref: '#/components/messages/VisitCounted'\n",
           "      name: pdp.clinic.v1.VisitCounted\n",
           "          visitCounted: {$ref: '#/components/schemas/clinic.VisitCounted'}\n",
           "        minutes: {type: string, format: int64}\n",
           "          ce_id: {type: string",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << "\n" << text;
  }
}

TEST(AsyncApiTest, PersonalFieldsAreNotPartOfTheTopic) {
  const std::string text = AsyncApiOf("clinic", *clinic::v1::PublicEvent::descriptor());
  EXPECT_EQ(text.find("        name: {type: string}"), std::string::npos) << text;
}

TEST(AsyncApiTest, TheSameDescriptorsGiveTheSameText) {
  EXPECT_EQ(AsyncApiOf("clinic", *clinic::v1::PublicEvent::descriptor()),
            AsyncApiOf("clinic", *clinic::v1::PublicEvent::descriptor()));
}

}  // namespace
}  // namespace pdp::projection
