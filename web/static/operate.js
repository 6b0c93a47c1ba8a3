import { watch } from "./watch.js";

watch();
