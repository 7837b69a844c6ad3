#include "services/programmes/domain/story.h"
